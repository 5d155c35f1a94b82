"""The flux of a run, from ``-e`` and ``-f`` as GENIE reads them.

A histogram keeps the bins that lie within the energies of ``-e``.  Bins of one width are taken as
they are; with bins of different widths contents are densities, unless ``,NOWIDTH`` says otherwise.
A function or a text file of two columns becomes 300 bins.  GENIE fills these with 100,000 random
numbers; here they are exact.  Between the points of a text file the flux is a straight line, where
GENIE draws a spline.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.fluxes.histogram import read_root_flux
from nugen_gan.adapters.fluxes.text import read_table
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import Flux, MonoFlux, PointsFlux, PowerLawFlux, histogram_flux
from nugen_gan.storage.text import read_text_file
from nugen_gan_genie.expression import Expression

__all__ = ["BINS", "GenieFlux", "histogram_of", "read_flux", "read_range"]

Floats = NDArray[np.float64]
# Bins of a function, and points in each by which it is integrated.
BINS, POINTS = 300, 16
WIDTHS = ("WIDTH", "NOWIDTH")
SAME_WIDTH = 1e-3


@dataclass(frozen=True, slots=True)
class GenieFlux:
    """A flux, and what should be known of it.

    Attributes
    ----------
    flux : itself
    label : in words
    notes : what was assumed
    """

    flux: Flux
    label: str
    notes: tuple[str, ...] = ()


def read_range(text: str) -> tuple[float, ...]:
    """One energy, or the smaller and the larger end of a range [GeV]."""
    try:
        energies = tuple(float(word) for word in text.split(","))
    except ValueError:
        energies = ()
    if len(energies) not in (1, 2) or not all(np.isfinite(e) and e >= 0.0 for e in energies):
        raise UsageError(f"-e {text}: one energy or a range is needed, as in -e 1 or -e 0.2,10")
    if len(energies) == 2 and energies[0] >= energies[1]:
        raise UsageError(f"-e {text}: the smaller energy comes first")
    return energies


def read_flux(energy: str, words: str | None) -> GenieFlux:
    """Make the flux of a run.

    Parameters
    ----------
    energy : the value of ``-e`` [GeV]
    words : the value of ``-f``; None if it was not given

    Raises
    ------
    UsageError
        if they make no flux, or do not go together.
    """
    energies = read_range(energy)
    if words is None:
        return _fixed(energies, energy)
    if len(energies) != 2:
        raise UsageError(f"-f needs a range of energies, as in -e 0.2,10; -e is {energy}")
    low, high = energies
    first, *rest = words.split(",")
    if words.upper().startswith("POWERLAW:"):
        return _power_law(words, low, high)
    if Path(first).is_file():
        with open(first, "rb") as stream:
            is_root = stream.read(4) == b"root"
        if is_root or first.endswith(".root"):
            return _histogram(Path(first), rest, (low, high), words)
        if rest:
            raise UsageError(
                f"-f {words}: a text file has no histogram; leave out {','.join(rest)}"
            )
        return _text(Path(first), low, high)
    if first.endswith((".root", ".txt", ".dat", ".data")) or ("/" in first and "x" not in first):
        raise UsageError(f"-f {words}: there is no file {first}")
    return _function(words, low, high)


def histogram_of(flux: Flux) -> tuple[Floats, Floats]:
    """Contents, the flux *in* each bin, and edges [GeV] of a flux as a histogram."""
    low, high = flux.energy_range
    if low == high:
        return np.ones(1), low * np.array([0.995, 1.005])
    knots = flux.knots()
    knots = knots[(knots >= low) & (knots <= high)]
    edges = knots if len(knots) > 2 else np.linspace(low, high, BINS + 1)
    return flux.fractions(edges), edges


def _fixed(energies: tuple[float, ...], text: str) -> GenieFlux:
    """GENIE takes the lower end of a range without a flux; zero energy is no energy."""
    if len(energies) == 1 and energies[0] > 0.0:
        return GenieFlux(MonoFlux(energies[0]), f"all at {energies[0]:g} GeV")
    advice = f"For a flat flux add -f 1, as in -e {text} -f 1"
    if energies[0] == 0.0:
        raise UsageError(
            f"-e {text} without -f: GENIE takes the lower end of a range without a flux as the one "
            f"energy of all events, and at 0 GeV nothing happens. {advice}"
        )
    note = (
        f"-e {text} WITHOUT -f: AS IN GENIE ALL EVENTS ARE AT THE LOWER END, {energies[0]:g} GEV. "
        f"{advice}"
    )
    return GenieFlux(MonoFlux(energies[0]), f"all at {energies[0]:g} GeV", (note,))


def _power_law(words: str, low: float, high: float) -> GenieFlux:
    try:
        alpha = float(words.partition(":")[2])
    except ValueError:
        raise UsageError(
            f"-f {words}: POWERLAW:ALPHA needs a number, the flux is E^-ALPHA"
        ) from None
    if low <= 0.0:
        raise UsageError(f"-f {words} needs a range that begins above 0 GeV")
    return GenieFlux(PowerLawFlux(alpha, low, high), f"E^-{alpha:g}, {low:g} to {high:g} GeV")


def _histogram(path: Path, rest: list[str], limits: tuple[float, float], words: str) -> GenieFlux:
    choices = [word.strip().upper() for word in rest if word.strip().upper() in WIDTHS]
    names = [word for word in rest if word.strip().upper() not in WIDTHS]
    if len(names) > 1 or len(choices) > 1:
        raise UsageError(f"-f {words}: FILE.root,HISTOGRAM[,WIDTH|NOWIDTH] is needed")
    found = read_root_flux(path, names[0].strip() if names else "")
    edges, contents = found.energies, np.array(found.values)
    if len(edges) != len(contents) + 1:
        raise UsageError(f"-f {words}: {found.name} is a graph, and GENIE takes a histogram")
    low, high = limits
    slack = 1e-6 * high
    inside = (edges[:-1] >= low - slack) & (edges[1:] <= high + slack)
    notes = list(found.notes)
    lost = contents[~inside].sum() / contents.sum() if contents.sum() > 0 else 0.0
    if lost > 0.0:
        notes.append(
            f"bins of {found.name} that are not wholly within {low:g} to {high:g} GeV are left "
            f"out, as in GENIE: {lost:.3g} of the sum of its contents"
        )
    widths = np.diff(edges)
    same = np.allclose(widths, widths[0], rtol=SAME_WIDTH)
    if choices == ["WIDTH"] or (not same and choices != ["NOWIDTH"]):
        contents = contents * widths
        notes.append(f"contents of {found.name} are densities, times the widths of the bins")
    contents = np.where(inside, contents, 0.0)
    if not contents.sum() > 0.0:
        raise UsageError(
            f"-f {words}: no bin with a flux is wholly within -e, {low:g} to {high:g} GeV; the "
            f"histogram spans {edges[0]:g} to {edges[-1]:g} (GENIE takes GeV)"
        )
    label = f"{path.name},{found.name}, {low:g} to {high:g} GeV"
    return GenieFlux(histogram_flux(edges, contents), label, tuple(notes))


def _text(path: Path, low: float, high: float) -> GenieFlux:
    rows = read_table(read_text_file(path, "flux file"), path).rows
    if rows.shape[1] != 2 or len(rows) < 2:
        raise UsageError(
            f"-f {path}: GENIE takes two columns, energy [GeV] and flux; this file has "
            f"{rows.shape[1]} columns and {len(rows)} rows"
        )
    rows = rows[np.argsort(rows[:, 0], kind="stable")]
    points = PointsFlux(tuple(rows[:, 0].tolist()), tuple(rows[:, 1].tolist()))
    edges = np.linspace(low, high, BINS + 1)
    contents = points.fractions(edges)
    if not contents.sum() > 0.0:
        raise UsageError(
            f"-f {path}: no flux within -e, {low:g} to {high:g} GeV; the file spans "
            f"{rows[0, 0]:g} to {rows[-1, 0]:g} GeV"
        )
    note = f"{path} holds points of a flux density, with straight lines between them"
    return GenieFlux(histogram_flux(edges, contents), f"{path.name}, {low:g} to {high:g} GeV",
                     (note,))  # fmt: skip


def _function(words: str, low: float, high: float) -> GenieFlux:
    edges = np.linspace(low, high, BINS + 1)
    middle = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(POINTS) + 0.5) / POINTS
    values = Expression(words)(middle)
    if not np.isfinite(values).all() or values.min() < 0.0 or not values.max() > 0.0:
        raise UsageError(
            f"-f {words!r}: a flux is finite, not negative, and not zero everywhere; between "
            f"{low:g} and {high:g} GeV this goes from {values.min():g} to {values.max():g}"
        )
    label = f"{words}, {low:g} to {high:g} GeV"
    return GenieFlux(histogram_flux(edges, values.mean(axis=1)), label)
