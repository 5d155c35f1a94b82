"""Figures of the validation report, in matplotlib without its global state."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
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

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "channel_figure",
    "energy_scan_figure",
    "heatmap_energies",
    "heatmap_figure",
    "map3d_figure",
    "peak_figure",
    "require_matplotlib",
    "spectra_figure",
    "to_png_base64",
]

Floats = NDArray[np.float64]

# Okabe and Ito's palette, distinguishable with every kind of colour vision.
BLACK, BLUE, ORANGE = "#1a1a1a", "#0072b2", "#d55e00"
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")

STYLE: Any = {
    "font.size": 10.5,
    "axes.labelsize": 11,
    "axes.titlesize": 11,
    "axes.linewidth": 0.8,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "mathtext.fontset": "dejavusans",
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
}

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
    with _style() as figure_class:
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
    with _style() as figure_class:
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
    with _style() as figure_class:
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
    centres = np.sqrt(fractions.edges[1:] * fractions.edges[:-1])
    with _style() as figure_class:
        figure = figure_class(figsize=(9.2, 4.2), layout="constrained")
        axis = figure.subplots()
        for i, name in enumerate(fractions.channels):
            colour = PALETTE[i % len(PALETTE)]
            axis.errorbar(
                centres, fractions.reference[i], fractions.reference_error[i],
                fmt="o", color=colour, markersize=4.5, capsize=2, linewidth=1.0,
            )  # fmt: skip
            axis.plot(centres, fractions.generated[i], color=colour, linewidth=1.5, label=name)
        _energy_axis(axis, fractions.edges)
        axis.set_ylabel("fraction of events")
        axis.set_ylim(0.0, None)
        axis.plot([], [], "o", color=BLACK, markersize=4.5, label="reference")
        axis.plot([], [], color=BLACK, linewidth=1.5, label="generated")
        figure.legend(loc="outside right upper")
    return figure


def map3d_figure(result: Map3D) -> Figure:
    """MAP-3D in each energy bin against the floor."""
    bins = [entry for entry in result.by_energy if entry.bins]
    edges = np.array([entry.low for entry in bins] + [bins[-1].high])
    centres = np.array([np.sqrt(entry.low * entry.high) for entry in bins])
    values = np.array([entry.value for entry in bins])
    errors = np.array([entry.uncertainty for entry in bins])
    with _style() as figure_class:
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
        _energy_axis(axis, edges)
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
    with _style() as figure_class:
        figure = figure_class(figsize=(9.2, 3.6), layout="constrained")
        axis = figure.subplots()
        axis.axhline(1.0, color=BLACK, linestyle="--", linewidth=1.2)
        axis.errorbar(
            centres, values, errors, widths, fmt="o", color=BLUE, capsize=0, markersize=4,
            linewidth=1.0,
        )  # fmt: skip
        _energy_axis(axis, edges)
        axis.set_ylabel("mean |pull| over floor")
        reach = max(0.3, 1.15 * float(np.max(np.abs(values - 1.0) + errors)))
        axis.set_ylim(max(0.0, 1.0 - reach), 1.0 + reach)
    return figure


def to_png_base64(figure: Figure, dpi: int = 120) -> str:
    """Return the figure as base64 text of a PNG file, for an ``img`` of an HTML page."""
    stream = io.BytesIO()
    with _style():
        # Without a date and version in the file, equal figures are equal bytes.
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")


def require_matplotlib() -> None:
    """Raise MissingExtraError if there can be no figures, before the work for them begins."""
    with _style():
        pass


@contextmanager
def _style() -> Iterator[type[Figure]]:
    """Yield the figure class under this report's style, which ends with the block."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "report", "drawing figures") from error
    with mpl.rc_context(rc=STYLE):
        yield Figure


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
    """Draw densities above, generated over reference below."""
    symbol, unit = LABELS[name]
    edges = spectrum_edges(name, *values) if edges is None else edges
    (reference, error1), (generated, error2) = (
        density(v, w, edges) for v, w in zip(values, weights, strict=True)
    )
    centres = 0.5 * (edges[1:] + edges[:-1])
    top.errorbar(centres, reference, error1, fmt="o", color=BLACK, markersize=3, linewidth=0.9,
                 label="reference", zorder=3)  # fmt: skip
    top.stairs(generated, edges, color=ORANGE, linewidth=1.4, label="generated")
    top.stairs(generated + error2, edges, baseline=generated - error2, fill=True, color=ORANGE,
               alpha=0.25, linewidth=0.0)  # fmt: skip
    if replicas:
        spread = replica_spread(name, edges, generated, replicas)
        top.stairs(generated + spread, edges, baseline=generated - spread, fill=True, color=BLUE,
                   alpha=0.35, linewidth=0.0, label="replicas ± 1 σ")  # fmt: skip
        _draw_ratio_band(bottom, edges, reference, generated, spread)
    _draw_ratio(bottom, edges, (reference, error1), (generated, error2))
    # At high energy most leptons go forward: on a linear axis everything else would be flat.
    if name == "cos_theta" and reference.max() > 30.0 * np.median(reference):
        top.set_yscale("log")
    else:
        # Of very few events none may be in the range shown.
        highest = float(np.max(reference + error1))
        top.set_ylim(0.0, 1.12 * highest if highest > 0.0 else 1.0)
    top.set_xlim(edges[0], edges[-1])
    top.tick_params(labelbottom=False)
    top.set_ylabel(rf"$1/\sigma\;d\sigma/d${symbol}" + (f" [1/{unit}]" if unit else ""))
    top.legend(loc="upper left" if name == "cos_theta" else "upper right")
    for axis in (top, bottom):
        axis.yaxis.set_label_coords(-0.115, 0.5)
    bottom.set_xlabel(symbol + (f" [{unit}]" if unit else ""))


def _draw_ratio_band(
    axis: Any, edges: Floats, reference: Floats, generated: Floats, spread: Floats
) -> None:
    """Draw the band of the replicas around generated over reference."""
    safe = np.where(reference > 0.0, reference, np.inf)
    axis.stairs((generated + spread) / safe, edges, baseline=(generated - spread) / safe,
                fill=True, color=BLUE, alpha=0.35, linewidth=0.0)  # fmt: skip


def _draw_ratio(
    axis: Any, edges: Floats, reference: tuple[Floats, Floats], generated: tuple[Floats, Floats]
) -> None:
    filled = (reference[0] > 0.0) & (generated[0] > 0.0)
    safe = np.where(filled, reference[0], np.nan)
    band, ratio = reference[1] / safe, generated[0] / safe
    centres = 0.5 * (edges[1:] + edges[:-1])
    axis.stairs(1.0 + np.nan_to_num(band), edges, baseline=1.0 - np.nan_to_num(band), fill=True,
                color="#bbbbbb", alpha=0.7, linewidth=0.0)  # fmt: skip
    axis.axhline(1.0, color=BLACK, linewidth=0.8)
    axis.errorbar(centres, ratio, generated[1] / safe, fmt="o", color=ORANGE, markersize=2.5,
                  linewidth=0.9)  # fmt: skip
    # Bins with few events must not set the scale.
    precise = filled & (np.nan_to_num(band, nan=1.0) < 0.2)
    reach = np.max(np.abs(ratio[precise] - 1.0)) if precise.any() else 0.3
    reach = float(np.clip(1.3 * reach, 0.08, 0.9))
    axis.set_ylim(1.0 - reach, 1.0 + reach)
    axis.set_ylabel("ratio")


def _energy_axis(axis: Any, edges: Floats) -> None:
    axis.set_xlim(edges[0], edges[-1])
    axis.set_xlabel(r"$E_\nu$ [GeV]")
    if edges[-1] < 1.5 * edges[0]:
        return
    axis.set_xscale("log")
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if edges[0] <= t <= edges[-1]]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.xaxis.minorticks_off()
