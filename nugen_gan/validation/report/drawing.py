"""What the figures of the report have in common: style, spectra with ratios, energy axes."""

# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import MissingExtraError
from nugen_gan.validation.metrics.spectra import density

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "BLACK",
    "BLUE",
    "ORANGE",
    "PALETTE",
    "draw_shares",
    "draw_spectrum",
    "energy_axis",
    "require_matplotlib",
    "style",
    "to_png_base64",
]

Floats = NDArray[np.float64]

# Okabe and Ito's palette, distinguishable with every kind of colour vision.
BLACK, BLUE, ORANGE = "#1a1a1a", "#0072b2", "#d55e00"
PALETTE = (
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f", "#1a1a1a",
)  # fmt: skip

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


def to_png_base64(figure: Figure, dpi: int = 120) -> str:
    """Return the figure as base64 text of a PNG file, for an ``img`` of an HTML page."""
    stream = io.BytesIO()
    with style():
        # Without a date and version in the file, equal figures are equal bytes.
        figure.savefig(stream, format="png", dpi=dpi, metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")


def require_matplotlib() -> None:
    """Raise MissingExtraError if there can be no figures, before the work for them begins."""
    with style():
        pass


@contextmanager
def style() -> Iterator[type[Figure]]:
    """Yield the figure class under this report's style, which ends with the block."""
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingExtraError("matplotlib", "report", "drawing figures") from error
    with mpl.rc_context(rc=STYLE):
        yield Figure


def draw_spectrum(
    top: Any,
    bottom: Any,
    label: tuple[str, str],
    values: tuple[Floats, Floats],
    weights: tuple[Floats, Floats],
    edges: Floats,
    *,
    spread: Floats | None = None,
    legend: str = "upper right",
    logarithmic: bool = False,
) -> None:
    """Draw densities above, generated over reference below.

    Parameters
    ----------
    top, bottom : axes
    label : symbol and unit of the variable
    values, weights : of reference and generated events
    edges : of the bins
    spread : standard deviation of the replicas of the model in each bin, if it has any
    legend : its place
    logarithmic : whether the densities may be: a linear axis would show nothing but one peak
    """
    symbol, unit = label
    (reference, error1), (generated, error2) = (
        density(v, w, edges) for v, w in zip(values, weights, strict=True)
    )
    centres = 0.5 * (edges[1:] + edges[:-1])
    top.errorbar(centres, reference, error1, fmt="o", color=BLACK, markersize=3, linewidth=0.9,
                 label="reference", zorder=3)  # fmt: skip
    top.stairs(generated, edges, color=ORANGE, linewidth=1.4, label="generated")
    top.stairs(generated + error2, edges, baseline=generated - error2, fill=True, color=ORANGE,
               alpha=0.25, linewidth=0.0)  # fmt: skip
    if spread is not None:
        top.stairs(generated + spread, edges, baseline=generated - spread, fill=True, color=BLUE,
                   alpha=0.35, linewidth=0.0, label="replicas ± 1 σ")  # fmt: skip
        _ratio_band(bottom, edges, reference, generated, spread)
    _ratio(bottom, edges, (reference, error1), (generated, error2))
    if logarithmic and reference.max() > 30.0 * np.median(reference):
        top.set_yscale("log")
    else:
        # Of very few events none may be in the range shown.
        highest = float(np.max(reference + error1))
        top.set_ylim(0.0, 1.12 * highest if highest > 0.0 else 1.0)
    top.set_xlim(edges[0], edges[-1])
    top.tick_params(labelbottom=False)
    top.set_ylabel(rf"$1/\sigma\;d\sigma/d${symbol}" + (f" [1/{unit}]" if unit else ""))
    top.legend(loc=legend)
    for axis in (top, bottom):
        axis.yaxis.set_label_coords(-0.115, 0.5)
    bottom.set_xlabel(symbol + (f" [{unit}]" if unit else ""))


def _ratio_band(
    axis: Any, edges: Floats, reference: Floats, generated: Floats, spread: Floats
) -> None:
    """Draw the band of the replicas around generated over reference."""
    safe = np.where(reference > 0.0, reference, np.inf)
    axis.stairs((generated + spread) / safe, edges, baseline=(generated - spread) / safe,
                fill=True, color=BLUE, alpha=0.35, linewidth=0.0)  # fmt: skip


def _ratio(
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


def draw_shares(
    figure: Figure,
    edges: Floats,
    names: Sequence[str],
    reference: tuple[Floats, Floats],
    generated: Floats,
) -> None:
    """Draw the shares of kinds of events against energy: points with errors, and lines.

    Parameters
    ----------
    edges : of the energy bins [GeV], shape (n + 1,)
    names : of the kinds
    reference : shares and their errors, each of shape (kinds, n)
    generated : shares, shape (kinds, n)
    """
    centres = np.sqrt(edges[1:] * edges[:-1])
    axis = figure.subplots()
    for i, name in enumerate(names):
        colour = PALETTE[i % len(PALETTE)]
        axis.errorbar(
            centres, reference[0][i], reference[1][i], fmt="o", color=colour, markersize=4.5,
            capsize=2, linewidth=1.0,
        )  # fmt: skip
        axis.plot(centres, generated[i], color=colour, linewidth=1.5, label=name)
    energy_axis(axis, edges)
    axis.set_ylabel("fraction of events")
    axis.set_ylim(0.0, None)
    axis.plot([], [], "o", color=BLACK, markersize=4.5, label="reference")
    axis.plot([], [], color=BLACK, linewidth=1.5, label="generated")
    figure.legend(loc="outside right upper")


def energy_axis(axis: Any, edges: Floats) -> None:
    """Make the x axis one of neutrino energy, logarithmic where it is wide."""
    axis.set_xlim(edges[0], edges[-1])
    axis.set_xlabel(r"$E_\nu$ [GeV]")
    if edges[-1] < 1.5 * edges[0]:
        return
    axis.set_xscale("log")
    ticks = [t for t in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100) if edges[0] <= t <= edges[-1]]
    axis.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axis.xaxis.minorticks_off()
