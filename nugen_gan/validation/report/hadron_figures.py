"""Figures of the hadrons: shares of the topologies, spectra of the observables with ratios."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.hadrons.observables import OBSERVABLES
from nugen_gan.validation.hadrons.samples import HadronSample
from nugen_gan.validation.hadrons.spectra import selected
from nugen_gan.validation.hadrons.topology_fractions import TopologyFractions
from nugen_gan.validation.metrics.spectra import span
from nugen_gan.validation.report.drawing import draw_shares, draw_spectrum, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["PANELS", "observables_figure", "shown_observables", "topology_figure"]

Floats = NDArray[np.float64]

# Title, and the four observables, of each figure.
PANELS: Mapping[str, tuple[str, ...]] = {
    "leading proton and charged pion": ("p_proton", "cos_proton", "p_pion", "cos_pion"),
    "leading neutron and neutral pion": ("p_neutron", "cos_neutron", "p_pi0", "cos_pi0"),
    "energies and visible mass": ("kinetic", "available", "w_visible", "e_missing"),
    "transverse imbalance without pions, azimuth of the proton about q": (
        "dpt",
        "dalphat",
        "dphit",
        "azimuth",
    ),
    "missing momentum along q, across it in the lepton plane (x), out of it (y)": (
        "p_missing_along",
        "p_missing_in",
        "p_missing_out",
        "e_missing",
    ),
}
# Where the legend is, if not on the upper right, where most spectra are low.
LEGENDS = {
    "cos_proton": "upper left", "cos_neutron": "upper left", "cos_pion": "upper left",
    "cos_pi0": "upper left", "dalphat": "lower left", "azimuth": "lower left",
}  # fmt: skip
# Events of each sample that a spectrum needs, and the share that is not shown at the ends.
FEWEST, OUTSIDE = 100, 0.01


def topology_figure(fractions: TopologyFractions) -> Figure:
    """Shares of the topologies against neutrino energy: points and lines."""
    with style() as figure_class:
        figure = figure_class(figsize=(9.2, 4.6), layout="constrained")
        draw_shares(
            figure, fractions.edges, fractions.names,
            (fractions.reference, fractions.reference_error), fractions.generated,
        )  # fmt: skip
    return figure


def shown_observables(
    reference: HadronSample, generated: HadronSample, names: Sequence[str]
) -> Iterator[str]:
    """Yield those of the observables that enough events of both samples have."""
    for name in names:
        pair = (np.isfinite(selected(sample, name)).sum() for sample in (reference, generated))
        if min(pair) >= FEWEST:
            yield name


def observables_figure(
    reference: HadronSample, generated: HadronSample, names: Sequence[str], title: str
) -> Figure:
    """Spectra of up to four observables with ratios, over all energies."""
    rows = (len(names) + 1) // 2
    with style() as figure_class:
        figure = figure_class(figsize=(11.0, 4.1 * rows))
        margins = {"left": 0.075, "right": 0.985, "bottom": 0.14 / rows, "top": 1 - 0.12 / rows}
        outer = figure.add_gridspec(rows, 2, hspace=0.24, wspace=0.2, **margins)
        for i, name in enumerate(names):
            inner = outer[i // 2, i % 2].subgridspec(2, 1, height_ratios=(2.6, 1), hspace=0.06)
            top = figure.add_subplot(inner[0])
            bottom = figure.add_subplot(inner[1], sharex=top)
            values, weights = _values(reference, name), _values(generated, name)
            pair, weighted = zip(values, weights, strict=True)
            observable = OBSERVABLES[name]
            draw_spectrum(
                top, bottom, (observable.label, observable.unit), pair, weighted,
                _edges(name, *pair), legend=LEGENDS.get(name, "upper right"), logarithmic=True,
            )  # fmt: skip
        figure.suptitle(title, fontsize=12)
    return figure


def _values(sample: HadronSample, name: str) -> tuple[Floats, Floats]:
    """The values of the events that have one, and the weights of these events."""
    values = selected(sample, name)
    there = np.isfinite(values)
    return values[there], sample.events.weight[there]


def _edges(name: str, reference: Floats, generated: Floats) -> Floats:
    bounded = name.startswith("cos") or OBSERVABLES[name].unit == "degrees"
    low, high = span(np.concatenate([reference, generated]), 0.0 if bounded else OUTSIDE)
    return np.linspace(low, high, int(np.clip(reference.size / 100, 10, 50)) + 1)
