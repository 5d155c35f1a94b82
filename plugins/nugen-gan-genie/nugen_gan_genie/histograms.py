"""The histograms that NUISANCE looks for beside the events: flux and event rate."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuwro.writer import th1d
from nugen_gan.physics.cross_section import UNIT_38
from nugen_gan.storage.atomic import atomic_path, check_output

__all__ = ["add_histograms", "per_nucleon", "rate_histograms"]

Floats = NDArray[np.float64]
# Points in a bin by which sigma is averaged.
POINTS = 16
# What the cross section [cm^2] at an array of energies [GeV] is.
Sigma = Callable[[Floats], Floats]


def rate_histograms(contents: Floats, edges: Floats, sigma: Sigma) -> tuple[Floats, Floats]:
    """Flux per GeV, and that times the cross section [1e-38 cm^2 per nucleon / GeV].

    The ratio of their integrals over energy is the flux-averaged cross section, by which NUISANCE
    normalises the events.

    Parameters
    ----------
    contents : flux *in* each bin, shape (n,)
    edges : of the bins [GeV], shape (n + 1,)
    sigma : cross section per nucleon [cm^2]
    """
    widths = np.diff(edges)
    density = contents / widths
    middle = edges[:-1, None] + widths[:, None] * (np.arange(POINTS) + 0.5) / POINTS
    return density, density * sigma(middle).mean(axis=1) / UNIT_38


def per_nucleon(parts: Mapping[Sigma, float]) -> Sigma:
    """Mean cross section per nucleon of a mixture: fractions of mass by sigma per nucleon."""

    def mean(enu: Floats) -> Floats:
        return np.asarray(sum(fraction * sigma(enu) for sigma, fraction in parts.items()))

    return mean


def add_histograms(source: Path, output: Path, found: Mapping[str, tuple[Floats, Floats]]) -> None:
    """Copy a ROOT file and add histograms; ``output`` may be the file itself.

    Parameters
    ----------
    source, output : of the files
    found : contents and edges [GeV] by name
    """
    import uproot

    check_output(output, overwrite=True)
    with atomic_path(output, overwrite=True) as place:
        shutil.copyfile(source, place)
        with uproot.update(place) as file:
            for name, (contents, edges) in found.items():
                histogram: Any = th1d(name, edges, contents, np.zeros(len(contents)))
                file[name] = histogram
