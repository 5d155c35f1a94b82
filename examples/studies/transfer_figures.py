"""Figures of transfer_study.py."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter

from nugen_gan.events.table import EventTable
from nugen_gan.validation.metrics.emd import observables
from nugen_gan.validation.report.drawing import PALETTE

DPI = 90
COLOURS = dict(
    zip(
        ("transfer", "scratch", "networks", "flow", "flow-transfer", "base", "resampled", "quick"),
        PALETTE,
        strict=True,
    )
)
# Half the width of a window in energy, relative to it.
WINDOW = 0.05
PLANE_ENERGIES, SPECTRUM_ENERGIES = (0.5, 1.0, 3.0), (0.7, 1.0, 2.0)
# W [GeV] of the quasielastic and the Delta peak.
PEAKS = {"QE": 0.939, r"$\Delta$": 1.232}
# Generated events for each reference event in a window.
COPIES = 10
SAMPLE_SEED = 12
# Training events from the smallest to the largest sample, with a margin.
SPAN = (700.0, 1.4e5)

Result = dict[str, Any]
Floats = np.ndarray


def histories(found: Sequence[Result], path: Path) -> None:
    """Quality on held-out events against epochs and against wall time."""
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = figure.subplots(1, 2, sharey=True)
    for result in found:
        style = {"color": COLOURS[result["method"]], "label": result["method"]}
        # What chose the snapshot of a transfer is not the events that were held out.
        if result["history"] and result["method"] != "transfer":
            seconds, epochs, pull = np.array(result["history"]).T
            left.plot(epochs, pull, marker=".", **style)
            right.plot(seconds, pull, marker=".", color=style["color"])
        if result.get("held_out"):
            right.plot(result["seconds"], result["held_out"], marker="*", markersize=12,
                       linestyle="none", color=style["color"],
                       label=f"{result['method']}, finished")  # fmt: skip
    left.set(
        xlabel="epochs (events seen / training events)",
        ylabel="mean squared pull, held out",
        xscale="log",
        yscale="log",
    )
    right.set(xlabel="wall time [s]", xscale="log")
    for axes in (left, right):
        if axes.get_legend_handles_labels()[0]:
            axes.legend(frameon=False, fontsize=9)
    for axes in (left, right):
        # What a perfect model gives.
        axes.axhline(1.0, color="0.6", linestyle=":", linewidth=1)
        axes.xaxis.set_minor_formatter(NullFormatter())
    figure.suptitle(_title(found[0]))
    figure.savefig(path, dpi=DPI)


def sizes(found: Sequence[Result], path: Path) -> None:
    """n_eq against the number of training events; arrows are lower limits."""
    figure = Figure(figsize=(6, 4.6), layout="constrained")
    axes = figure.subplots()
    for number, (method, colour) in enumerate(COLOURS.items()):
        mine = [result for result in found if result["method"] == method]
        if method == "base":
            for result in mine:
                axes.axhline(result["n_eq"]["value"], color=colour, linestyle="--", label=method)
        elif mine:
            # A little beside each other, or the error bars would hide what is below.
            _points(axes, mine, colour, method, 1.06 ** (number - len(COLOURS) / 2))
    axes.set(xscale="log", yscale="log", xlabel="training events", ylabel="$n_{eq}$ [events]")
    axes.plot(SPAN, SPAN, color="0.6", linestyle=":", linewidth=1, label="$n_{eq}$ = events")
    axes.legend(frameon=False, fontsize=9)
    axes.set_title(found[0]["case"])
    figure.savefig(path, dpi=DPI)


def _points(axes: Axes, found: Sequence[Result], colour: str, label: str, beside: float) -> None:
    events = beside * np.array([result["events"] for result in found])
    entries = [result["n_eq"] for result in found]
    value = np.array([entry["value"] for entry in entries])
    limit = np.array([entry["is_limit"] for entry in entries])
    below = value - np.array([entry["low"] for entry in entries])
    above = np.array(
        [1.5 * e["value"] if e["is_limit"] else e["high"] - e["value"] for e in entries]
    )
    axes.errorbar(
        events, value, (below, above), color=colour, label=label, marker="o", markersize=4,
        capsize=2, lolims=limit, linewidth=1,
    )  # fmt: skip


def planes(reference: EventTable, models: dict[str, Any], path: Path) -> None:
    """(E_lep, theta) around some neutrino energies: the truth and each model."""
    figure = Figure(figsize=(3.1 * (len(models) + 1), 7.5), layout="constrained")
    grid = figure.subplots(len(PLANE_ENERGIES), len(models) + 1, squeeze=False)
    for row, energy in zip(grid, PLANE_ENERGIES, strict=True):
        tables = _window_samples(reference, models, energy)
        truth = observables(tables["truth"])
        edges = [
            np.linspace(low, high, 41)
            for low, high in (_span(truth["E_lep"]), (0.0, _span(truth["theta"])[1]))
        ]
        top = None
        for axes, (name, table) in zip(row, tables.items(), strict=True):
            seen = observables(table)
            density = np.histogram2d(seen["E_lep"], seen["theta"], edges, density=True)[0]
            top = density.max() if top is None else top  # one scale for a row
            shown = np.where(density > 0.0, density, np.nan)
            mesh = axes.pcolormesh(*edges, shown.T, vmin=0.0, vmax=top, rasterized=True)
            axes.set_title(rf"{name}, $E_\nu$ = {energy:g} GeV", fontsize=10)
        row[0].set_ylabel(r"$\theta$ [rad]")
        figure.colorbar(mesh, ax=row, label="density [1/(GeV rad)]")
    for axes in grid[-1]:
        axes.set_xlabel(r"$E_\ell$ [GeV]")
    figure.savefig(path, dpi=DPI)


def spectra(reference: EventTable, models: dict[str, Any], path: Path) -> None:
    """W and omega at some neutrino energies, with the ratio to the truth below."""
    columns = len(SPECTRUM_ENERGIES)
    figure = Figure(figsize=(3.6 * columns, 8.5), layout="constrained")
    grid = figure.subplots(4, columns, squeeze=False, height_ratios=(3, 1, 3, 1))
    for column, energy in enumerate(SPECTRUM_ENERGIES):
        tables = _window_samples(reference, models, energy)
        for row, (name, symbol) in enumerate((("W", "$W$"), ("omega", r"$\omega$"))):
            above, below = grid[2 * row, column], grid[2 * row + 1, column]
            _spectrum(above, below, {key: _values(t, name) for key, t in tables.items()})
            above.tick_params(labelbottom=False)
            above.set_title(rf"$E_\nu$ = {energy:g} GeV", fontsize=10)
            below.set_xlabel(f"{symbol} [GeV]")
            if name == "W":
                _mark_peaks(above)
        grid[0, column].legend(frameon=False, fontsize=8)
    for row, label in enumerate(("density [1/GeV]", "ratio") * 2):
        grid[row, 0].set_ylabel(label)
    figure.savefig(path, dpi=DPI)


def _spectrum(above: Axes, below: Axes, values: dict[str, Floats]) -> None:
    """Histograms of one variable; the truth comes first."""
    truth = values["truth"]
    edges = np.linspace(*_span(truth), 46)
    width = np.diff(edges)
    counts = np.histogram(truth, edges)[0]
    centres, filled = 0.5 * (edges[1:] + edges[:-1]), counts > 0
    scale = truth.size * width
    above.errorbar(
        centres, counts / scale, np.sqrt(counts) / scale, color="black", fmt=".", markersize=3,
        linewidth=0.8, label="truth",
    )  # fmt: skip
    error = 1.0 / np.sqrt(counts[filled])
    below.errorbar(
        centres[filled], np.ones(filled.sum()), error, color="black", fmt="none", linewidth=0.8
    )
    for name, sample in list(values.items())[1:]:
        density = np.histogram(sample, edges)[0] / (sample.size * width)
        above.stairs(density, edges, color=COLOURS[name], label=name)
        ratio = np.full(counts.size, np.nan)
        np.divide(density * scale, counts, out=ratio, where=filled)
        below.stairs(ratio, edges, color=COLOURS[name], baseline=None)
    below.set_ylim(0.5, 1.5)
    for axes in (above, below):
        axes.set_xlim(edges[0], edges[-1])


def _mark_peaks(axes: Axes) -> None:
    for name, place in PEAKS.items():
        axes.axvline(place, color="0.6", linestyle=":", linewidth=1)
        axes.annotate(
            name, (place, 1.0), (2, -2), xycoords=("data", "axes fraction"),
            textcoords="offset points", va="top", color="0.4", fontsize=8,
        )  # fmt: skip


def _window_samples(
    reference: EventTable, models: dict[str, Any], energy: float
) -> dict[str, EventTable]:
    """Reference events near an energy, and many events of each model at their energies."""
    near = reference[np.abs(reference.enu / energy - 1.0) < WINDOW]
    enu = np.tile(near.enu, COPIES)
    made = {
        name: model.sample(enu, seed=SAMPLE_SEED, allow_extrapolation=True)
        for name, model in models.items()
    }
    return {"truth": near, **made}


def _values(events: EventTable, name: str) -> Floats:
    return events.enu - events.elep if name == "omega" else observables(events)[name]


def _span(values: Floats) -> tuple[float, float]:
    """Range of the values without the outermost ones, which would squeeze the rest."""
    low, high = np.quantile(values, (0.002, 0.998))
    margin = 0.03 * (high - low)
    return float(low - margin), float(high + margin)


def _title(result: Result) -> str:
    return f"{result['case']}, {result['events']:,d} training events"
