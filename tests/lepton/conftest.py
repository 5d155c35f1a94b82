import pytest
from lepton_toys import CHANNELS, MASS, RANGE, toy_events

from nugen_gan.lepton.fit import DistilOptions, fit_lepton
from nugen_gan.lepton.shape import LeptonShape


@pytest.fixture(scope="session")
def toy():
    return toy_events(200_000, 1)


@pytest.fixture(scope="session")
def toy_lepton(toy):
    """What has learned the toy, well enough to be compared with it."""
    options = DistilOptions(
        steps=600, batch_size=1024, ema_decay=0.98, shape=LeptonShape(32, 1, 32, 32, 16)
    )
    return fit_lepton(
        toy, mass=MASS, energy_range=RANGE, channels=CHANNELS, options=options, seed=3
    )
