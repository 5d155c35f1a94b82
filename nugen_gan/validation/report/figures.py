"""Figures of the validation report, in matplotlib without its global state."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.band import replica_spread
from nugen_gan.validation.metrics.channels import ChannelFractions
from nugen_gan.validation.metrics.energy_scan import EnergyScan
from nugen_gan.validation.metrics.lepton_tests import lepton_variables
from nugen_gan.validation.metrics.map3d import Map3D
from nugen_gan.validation.metrics.spectra import (
    SPECTRA,
    density,
    span,
    spectra,
    spectrum_edges,
    within,
)
from nugen_gan.validation.report.drawing import (
    BLACK,
    BLUE,
    draw_shares,
    draw_spectrum,
    energy_axis,
    style,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "channel_figure",
    "energy_scan_figure",
    "heatmap_energies",
    "heatmap_figure",
    "map3d_figure",
    "peak_figure",
    "spectra_figure",
]

Floats = NDArray[np.float64]

LABELS = {
    "E_lep": (r"$E_\ell$", "GeV"),
    "cos_theta": (r"$\cos\theta$", ""),
    "Q2": (r"$Q^2$", "GeV$^2$"),
    "W": (r"$W$", "GeV"),
    "omega": (r"$\omega$", "GeV"),
}


def heatmap_energies(
    reference: EventTable, wanted: Sequence[float] = (0.5, 1.0, 3.0), fewest: int = 200
) -> tuple[float, ...]:
    """Energies [GeV] to show (E_lep, theta) at: those wanted that have events around them.

    If there are none, the median energy of the sample.
    """
    found = tuple(e for e in wanted if int(_window(reference.enu, e).sum()) >= fewest)
    return found or (float(np.median(reference.enu)),)


def heatmap_figure(reference: EventTable, generated: EventTable, energy: float) -> Figure:
    """(E_lep, theta) of reference and generated events within 5 % of an energy, and the pull.

    Parameters
    ----------
    reference, generated : samples
    energy : neutrino energy [GeV]
    """
    first, second = (t[_window(t.enu, energy)] for t in (reference, generated))
    bins = int(np.clip(np.sqrt(len(first)) / 2.2, 12, 40))
    edges = (
        np.linspace(*span(np.concatenate([first.elep, second.elep])), bins + 1),
        np.linspace(0.0, span(np.concatenate([_angle(first), _angle(second)]))[1], bins + 1),
    )
    counts, squares = zip(*(_histogram2d(t, edges) for t in (first, second)), strict=True)
    total = second.weight.sum()
    scale = first.weight.sum() / total if total > 0.0 else 0.0
    variance = squares[0] + scale**2 * squares[1]
    pull = np.full_like(counts[0], np.nan)
    enough = counts[0] + scale * counts[1] >= 5.0
    np.divide(counts[0] - scale * counts[1], np.sqrt(variance), out=pull, where=enough)
    with style() as figure_class:
        figure = figure_class(figsize=(11.0, 3.7), layout="constrained")
        axes = figure.subplots(1, 3, sharey=True)
        most = max(counts[0].max(), scale * counts[1].max(), 1.0)
        panels = (counts[0], scale * counts[1])
        for axis, content, title in zip(axes, panels, ("reference", "generated"), strict=False):
            shown = np.where(content > 0, content, np.nan).T
            image = axis.pcolormesh(*edges, shown, cmap="YlGnBu", vmin=0.0, vmax=most)
            axis.set_title(title)
        figure.colorbar(image, ax=axes[:2], label="events per bin", pad=0.01)
        image = axes[2].pcolormesh(*edges, pull.T, cmap="PuOr", vmin=-4.0, vmax=4.0)
        axes[2].set_title("pull")
        figure.colorbar(image, ax=axes[2], label="(reference − generated) / error", pad=0.02)
        for axis in axes:
            axis.set_xlabel(r"$E_\ell$ [GeV]")
        axes[0].set_ylabel(r"$\theta$ [rad]")
        figure.suptitle(rf"$E_\nu$ = {energy:.3g} GeV ± 5 %", fontsize=12)
    return figure


def spectra_figure(
    reference: EventTable,
    generated: EventTable,
    energy_range: tuple[float, float],
    replicas: Sequence[EventTable] = (),
) -> Figure:
    """Spectra of E_lep, cos(theta), Q2 and W with ratios, for energies in a range [GeV].

    With events of ``replicas`` of the model, their scatter is shown as a band.
    """
    low, high = energy_range
    first, second = (within(t, energy_range) for t in (reference, generated))
    parts = [within(replica, energy_range) for replica in replicas]
    values1, values2 = spectra(first), spectra(second)
    with style() as figure_class:
        figure = figure_class(figsize=(11.0, 8.0))
        margins = {"left": 0.075, "right": 0.985, "bottom": 0.07, "top": 0.94}
        outer = figure.add_gridspec(2, 2, hspace=0.24, wspace=0.2, **margins)
        for i, name in enumerate(SPECTRA):
            inner = outer[i // 2, i % 2].subgridspec(2, 1, height_ratios=(2.6, 1), hspace=0.06)
            top = figure.add_subplot(inner[0])
            bottom = figure.add_subplot(inner[1], sharex=top)
            pair = (values1[name], values2[name])
            _draw_spectrum(top, bottom, name, pair, (first.weight, second.weight), parts)
        title = rf"$E_\nu$ = {low:.3g} – {high:.3g} GeV"
        figure.suptitle(title, fontsize=12)
    return figure


def peak_figure(reference: EventTable, generated: EventTable, channel: str) -> Figure:
    """Spectra of W and omega of the events of one channel, with ratios.

    Parameters
    ----------
    reference, generated : events of that channel
    channel : its name, for the title
    """
    values1, values2 = lepton_variables(reference), lepton_variables(generated)
    with style() as figure_class:
        figure = figure_class(figsize=(11.0, 4.3))
        margins = {"left": 0.075, "right": 0.985, "bottom": 0.125, "top": 0.9}
        outer = figure.add_gridspec(1, 2, wspace=0.2, **margins)
        for i, name in enumerate(("W", "omega")):
            inner = outer[i].subgridspec(2, 1, height_ratios=(2.2, 1), hspace=0.06)
            top = figure.add_subplot(inner[0])
            bottom = figure.add_subplot(inner[1], sharex=top)
            pair = (values1[name], values2[name])
            weights = (reference.weight, generated.weight)
            # Narrow bins around the peak show a shift; the tails are in the other figures.
            bins = int(np.clip(len(reference) / 60, 20, 60))
            edges = np.linspace(*span(np.concatenate(pair), 0.03), bins + 1)
            _draw_spectrum(top, bottom, name, pair, weights, (), edges)
        figure.suptitle(channel, fontsize=12)
    return figure


def channel_figure(fractions: ChannelFractions) -> Figure:
    """Fractions of the reaction channels against neutrino energy: points and lines."""
    with style() as figure_class:
        figure = figure_class(figsize=(9.2, 4.2), layout="constrained")
        draw_shares(
            figure, fractions.edges, fractions.channels,
            (fractions.reference, fractions.reference_error), fractions.generated,
        )  # fmt: skip
    return figure


def map3d_figure(result: Map3D) -> Figure:
    """MAP-3D in each energy bin against the floor."""
    bins = [entry for entry in result.by_energy if entry.bins]
    edges = np.array([entry.low for entry in bins] + [bins[-1].high])
    centres = np.array([np.sqrt(entry.low * entry.high) for entry in bins])
    values = np.array([entry.value for entry in bins])
    errors = np.array([entry.uncertainty for entry in bins])
    with style() as figure_class:
        figure = figure_class(figsize=(9.2, 3.6), layout="constrained")
        axis = figure.subplots()
        widths = [centres - edges[:-1], edges[1:] - centres]
        axis.errorbar(
            centres, values, errors, widths, fmt="o", color=BLUE, capsize=2, markersize=5,
            label="generated against reference",
        )  # fmt: skip
        axis.axhline(
            result.floor.value, color=BLACK, linestyle="--", linewidth=1.2,
            label="floor: two halves of the reference",
        )  # fmt: skip
        energy_axis(axis, edges)
        axis.set_ylabel("MAP-3D (mean |pull|)")
        axis.set_ylim(0.5, 1.15 * max(float(np.max(values + errors)), result.floor.value))
        axis.legend(loc="lower right", ncols=2)
    return figure


def energy_scan_figure(scan: EnergyScan) -> Figure:
    """MAP-3D over floor in narrow energy bins; 1 is perfect."""
    shown = [entry for entry in scan.bins if np.isfinite(entry.value)]
    edges = np.array([scan.bins[0].low, scan.bins[-1].high])
    centres = np.array([np.sqrt(entry.low * entry.high) for entry in shown])
    widths = np.array([[c - e.low, e.high - c] for c, e in zip(centres, shown, strict=True)]).T
    values = np.array([entry.value for entry in shown])
    errors = np.array([entry.uncertainty for entry in shown])
    with style() as figure_class:
        figure = figure_class(figsize=(9.2, 3.6), layout="constrained")
        axis = figure.subplots()
        axis.axhline(1.0, color=BLACK, linestyle="--", linewidth=1.2)
        axis.errorbar(
            centres, values, errors, widths, fmt="o", color=BLUE, capsize=0, markersize=4,
            linewidth=1.0,
        )  # fmt: skip
        energy_axis(axis, edges)
        axis.set_ylabel("mean |pull| over floor")
        reach = max(0.3, 1.15 * float(np.max(np.abs(values - 1.0) + errors)))
        axis.set_ylim(max(0.0, 1.0 - reach), 1.0 + reach)
    return figure


def _window(enu: Floats, energy: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(enu / energy - 1.0) <= 0.05)


def _angle(events: EventTable) -> Floats:
    return np.asarray(np.arccos(np.clip(events.costheta, -1.0, 1.0)))


def _histogram2d(events: EventTable, edges: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    pair = (events.elep, _angle(events))
    return (
        np.histogram2d(*pair, bins=edges, weights=events.weight)[0],
        np.histogram2d(*pair, bins=edges, weights=events.weight**2)[0],
    )


def _draw_spectrum(
    top: Any,
    bottom: Any,
    name: str,
    values: tuple[Floats, Floats],
    weights: tuple[Floats, Floats],
    replicas: Sequence[EventTable],
    edges: Floats | None = None,
) -> None:
    edges = spectrum_edges(name, *values) if edges is None else edges
    spread = None
    if replicas:
        generated, _ = density(values[1], weights[1], edges)
        spread = replica_spread(name, edges, generated, replicas)
    # At high energy most leptons go forward: on a linear axis everything else would be flat.
    forward = name == "cos_theta"
    draw_spectrum(
        top, bottom, LABELS[name], values, weights, edges, spread=spread,
        legend="upper left" if forward else "upper right",
        logarithmic=forward,
    )  # fmt: skip
