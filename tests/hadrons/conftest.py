"""Genuine events with hadrons, as the networks of the hadrons learn from them."""

import numpy as np
import pytest

from nugen_gan.hadrons.content import Catalogue
from nugen_gan.hadrons.samples import known_events


@pytest.fixture(scope="session")
def whole(data):
    """A thousand genuine events of NuWro on argon, hadrons included."""
    import nugen_gan

    return nugen_gan.read(data / "numu_Ar40_1k.root")


@pytest.fixture(scope="session")
def catalogue(whole):
    from nugen_gan.events.particles import flat

    return Catalogue.found(flat(whole.particles), 2)


@pytest.fixture(scope="session")
def known(whole, catalogue):
    return known_events(whole, catalogue)


@pytest.fixture
def random():
    return np.random.default_rng(5)
