"""Whole events from each dialect to each other: the same particles, to a dialect's precision."""

import awkward as ak
import numpy as np
import pytest

import nugen_gan
from nugen_gan.adapters.registry import adapters
from nugen_gan.events.particles import flat
from nugen_gan.physics.cross_section import CrossSection

WRITERS = sorted(name for name, adapter in adapters().items() if adapter.writes and adapter.reads)
# Those that hold no cross section, which others cannot do without.
WITHOUT = {"hepevt"}
# Single precision, on momenta and energies of up to 10 GeV.
PRECISION = 2e-6


@pytest.fixture(scope="module", params=["NuWro", "GENIE"])
def events(request, data):
    """Genuine events: NuWro's on argon, GENIE's on carbon, whose coherent ones have the nucleus."""
    name = {"NuWro": "numu_Ar40_1k.root", "GENIE": "genie_numu_C12.gst.root"}[request.param]
    read = nugen_gan.read(data / name)
    sigma = CrossSection((0.1, 1.0, 20.0), (1e-37, 9e-37), (1e-39, 1e-39), "made up")
    return read[:80].with_(cross_section=sigma, flux=None)


def same(one, other):
    """The same lists of the same particles in the same frame."""
    ours, theirs = flat(one.particles), flat(other.particles)
    assert ours.counts.tolist() == theirs.counts.tolist()
    assert ours.pdg.tolist() == theirs.pdg.tolist()
    for name in ("px", "py", "pz", "E"):
        np.testing.assert_allclose(
            getattr(ours, name), getattr(theirs, name), rtol=PRECISION, atol=PRECISION
        )


def written(events, name, folder):
    suffix = adapters()[name].suffixes[0]
    return nugen_gan.write(events, folder / f"{name}{suffix}", format=name)


@pytest.mark.parametrize("second", WRITERS)
@pytest.mark.parametrize("first", WRITERS)
def test_from_any_dialect_to_any_other(events, tmp_path, first, second):
    once = nugen_gan.read(written(events, first, tmp_path), format=first)
    same(once, events)
    if first in WITHOUT:
        once = once.with_(cross_section=events.cross_section)
    (tmp_path / "second").mkdir()
    (done,) = nugen_gan.convert(
        written(once, first, tmp_path / "second") if first in WITHOUT else
        tmp_path / f"{first}{adapters()[first].suffixes[0]}",
        tmp_path / "second" / f"b{adapters()[second].suffixes[0]}", output_format=second,
        cross_section=events.cross_section if first in WITHOUT else None,
    )  # fmt: skip
    same(nugen_gan.read(done.path, format=second), events)
    counts = ak.sum(events.particles.pdg == 2212)
    assert done.particles[2212] == counts


def test_there_are_eight_dialects():
    assert len(WRITERS) >= 8
