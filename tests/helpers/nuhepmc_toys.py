"""NuHepMC files for the tests, and a plain reader of them to compare with."""

import numpy as np

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuhepmc.reader import NuHepMC
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import UniformFlux
from nugen_gan.physics.process import Channel, Process
from nugen_gan.physics.spectrum import Spectrum

SIGMA = CrossSection((0.3, 1.0, 3.0, 10.0), (5e-38, 2e-37, 5e-37), (1e-39, 2e-39, 3e-39), "toy")
FLUX = UniformFlux(0.3, 10.0)
AVERAGE = Spectrum(FLUX, SIGMA).flux_average()


def toy_events(count, process="numu_cc_C12", weighted=False):
    """Events that follow a flux times a cross section, with float32 numbers as in a table."""
    random = np.random.default_rng(4)
    what = Process.from_name(process)
    enu = Spectrum(FLUX, SIGMA).quantile(random.random(count))
    elep = what.lepton_mass + random.random(count) * (enu - what.lepton_mass)
    return EventTable(
        what, enu, elep, random.uniform(-1, 1, count),
        random.choice([int(c) for c in Channel], count),
        random.uniform(0.5, 2.0, count) if weighted else np.ones(count),
        cross_section=SIGMA,
    ).stored()  # fmt: skip


def write(path, events, chunks=None, **changes):
    values = {"cross_section": SIGMA, "flux": FLUX, "flux_average": AVERAGE} | changes
    header = Header(events.process, len(events), weight_sum=float(events.weight.sum()), **values)
    NuHepMC().write(path, chunks or [events], lambda: header)
    return path


def plain_read(text):
    """(enu, elep, costheta, weight, process) of each event by the simplest of parsers.

    For files with one neutrino, at most one charged lepton (NaN for none), and energies in GeV.
    """
    found = []
    for event in text.split("\nE ")[1:]:
        lines = [line.split() for line in event.split("\n")[1:]]
        particles = [line for line in lines if line[:1] == ["P"]]
        (beam,) = [p for p in particles if p[9] == "4"]
        leptons = [p for p in particles if p[9] == "1" and abs(int(p[3])) in (11, 13, 15)]
        (lepton,) = leptons or [["nan"] * 10]
        (weight,) = [line[1] for line in lines if line[:1] == ["W"]]
        (process,) = [line[3] for line in lines if line[2:3] == ["signal_process_id"]]
        a, b = (np.array([float(x) for x in p[4:7]]) for p in (beam, lepton))
        size = np.sqrt(a @ a) * np.sqrt(b @ b)
        cosine = a @ b / size if size else 1.0
        found.append((float(beam[7]), float(lepton[7]), cosine, float(weight), int(process)))
    return np.array(found).T
