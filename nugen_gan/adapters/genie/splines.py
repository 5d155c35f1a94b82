"""GENIE's cross-section splines, the XML files that ``gmkspl`` writes.

The file has a spline for each interaction, named ``<algorithm>/<configuration>/<code>`` with a
code such as ``nu:14;tgt:1000060120;N:2112;proc:Weak[CC],QES;``.  Knots are energies in GeV and
cross sections in GeV^-2 per nucleus.  The total of a probe on a target is the sum over all its
charged-current interactions with the nucleus.

Between knots GENIE draws a cubic spline, ROOT's ``TSpline3``, and takes nothing below zero; so
does this module, which then hands on so many points of the sum that straight lines will do.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.genie.event_code import parse_codes
from nugen_gan.errors import FormatError, NugenError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage.compressed import open_unpacked, reading

__all__ = ["is_spline_list", "read_splines"]

Floats = NDArray[np.float64]
ROOT = "genie_xsec_spline_list"
# 1 GeV^-2 in cm^2: (hbar c)^2 (PDG 2024, Physical Constants).
GEV2 = 3.893794e-28
# Interactions with an electron of the atom, and weights that are no cross sections.
NOT_ON_THE_NUCLEUS = ("NuEEL", "IMD", "IMDAnh", "GLR", "Norm")
# Points between two knots: the cubic spline's distance from its chords falls by their square.
BETWEEN = 4


@dataclass(frozen=True, slots=True)
class _Spline:
    """One interaction: its code, its algorithm and its knots [GeV, GeV^-2]."""

    tune: str
    algorithm: str
    code: str
    energy: Floats
    sigma: Floats


def is_spline_list(start: bytes) -> bool:
    """True if a file that begins with these bytes is a list of GENIE's splines."""
    return f"<{ROOT}".encode() in start


def read_splines(path: Path, process: Process) -> tuple[CrossSection, dict[Channel, CrossSection]]:
    """Add up the splines of a process: all of them, and those of each channel.

    Hyperons count as quasielastic, as in GENIE's summary tree.

    Raises
    ------
    UsageError
        if there is none; the message lists the probes and targets that the file has.
    FormatError
        if the file is damaged, or gives an interaction twice.
    """
    others: set[tuple[int, int]] = set()
    try:
        with reading(path), open_unpacked(path) as stream, np.errstate(all="ignore"):
            splines = list(_splines(path, stream, process, others))
            if splines:
                return _total(path, splines)
    except NugenError:
        raise
    except (ET.ParseError, LookupError, ValueError) as error:
        raise FormatError(
            f"{path} is damaged: it is no list of splines ({error}). Fetch or make it again."
        ) from error
    raise UsageError(
        f"{path} has no charged-current spline of {process.name}. Probes and targets with "
        f"one: {_listing(others)}."
    )


def _total(path: Path, splines: list[_Spline]) -> tuple[CrossSection, dict[Channel, CrossSection]]:
    _check_unique(path, splines)
    energy = _energies(splines)
    parts: dict[Channel, list[Floats]] = {}
    for spline in splines:
        parts.setdefault(_channel(spline), []).append(GEV2 * _evaluate(spline, energy))
    total = np.sum([sigma for part in parts.values() for sigma in part], axis=0)
    try:
        source = f"{len(splines)} splines of {path.name}"
        whole = CrossSection.from_points(energy, total, source)
        channels = {
            channel: CrossSection.from_points(
                energy, np.sum(part, axis=0), f"{len(part)} splines of {path.name}"
            )
            for channel, part in parts.items()
            if np.sum(part) > 0.0
        }
        return whole, channels
    except FormatError as error:
        raise FormatError(f"{path}: {error}") from error


def _splines(
    path: Path, stream: IO[bytes], process: Process, others: set[tuple[int, int]]
) -> Iterator[_Spline]:
    """Yield the splines of a process; note the other probes and targets.

    Such files may have a gigabyte: no more than one spline is held at a time.
    """
    parents: list[ET.Element] = []
    tune = ""
    for event, element in ET.iterparse(stream, ("start", "end")):
        if event == "start":
            parents.append(element)
            tune = element.get("name", "") if element.tag == "genie_tune" else tune
            continue
        parents.pop()
        if element.tag != "spline":
            continue
        algorithm, _, code = element.get("name", "").rpartition("/")
        found = re.match(r"nu:(-?\d+);tgt:(\d+);", code)
        if found and _belongs(code):
            pair = int(found[1]), int(found[2])
            if pair == (process.probe, process.target):
                yield _knots(path, element, tune, algorithm, code)
            else:
                others.add(pair)
        if parents:
            parents[-1].remove(element)


def _channel(spline: _Spline) -> Channel:
    _, (channel,) = parse_codes([spline.code], np.ones(1, np.bool_))
    return Channel.QE if channel == Channel.HYP else Channel(channel)


def _belongs(code: str) -> bool:
    """True for a charged-current interaction with the nucleus."""
    found = re.search(r"proc:Weak\[CC\],(\w+);", code)
    return found is not None and found[1] not in NOT_ON_THE_NUCLEUS


def _knots(path: Path, element: ET.Element, tune: str, algorithm: str, code: str) -> _Spline:
    try:
        energy = np.array([float(knot.findtext("E", "")) for knot in element.iter("knot")])
        sigma = np.array([float(knot.findtext("xsec", "")) for knot in element.iter("knot")])
        expected = int(element.get("nknots", ""))
    except ValueError as error:
        raise FormatError(f"{path} is damaged: in the spline {code}, {error}.") from error
    good = np.isfinite(energy).all() and np.isfinite(sigma).all() and (sigma >= 0.0).all()
    if len(energy) != expected or expected < 2 or not good or not (np.diff(energy) > 0.0).all():
        raise FormatError(
            f"{path} is damaged: the spline {code} has {len(energy)} knots of the {expected} that "
            "it states, or values that are no cross sections."
        )
    return _Spline(tune, algorithm, code, energy, sigma)


def _check_unique(path: Path, splines: list[_Spline]) -> None:
    """Refuse two tunes or two algorithms for one interaction, of which one is meant."""
    seen: dict[str, _Spline] = {}
    for spline in splines:
        first = seen.setdefault(spline.code, spline)
        if first is not spline:
            raise FormatError(
                f"{path} gives {spline.code} twice: {first.algorithm} of tune {first.tune or '?'} "
                f"and {spline.algorithm} of tune {spline.tune or '?'}. Keep one of them, or make "
                "a graph with gspl2root and give that."
            )


def _energies(splines: list[_Spline]) -> Floats:
    """All knots and some points between them, as far as every spline reaches."""
    top = min(spline.energy[-1] for spline in splines)
    knots = np.unique(np.concatenate([spline.energy for spline in splines]))
    knots = knots[knots <= top]
    steps = np.arange(BETWEEN + 1) / (BETWEEN + 1)
    inner = (knots[:-1, None] + np.diff(knots)[:, None] * steps).ravel()
    # Knots of different splines that differ by rounding need no points between them.
    energy = np.append(inner, top)
    return np.asarray(energy[np.append(np.diff(energy) > 1e-6 * energy[1:], True)])


def _evaluate(spline: _Spline, energy: Floats) -> Floats:
    """Cubic spline through the knots; zero below the threshold and never negative."""
    open_ = np.flatnonzero(spline.sigma > 0.0)
    value = np.zeros_like(energy)
    if open_.size:
        inside = energy >= spline.energy[max(open_[0] - 1, 0)]
        value[inside] = _cubic(spline.energy, spline.sigma, energy[inside])
    return np.asarray(np.clip(value, 0.0, None))


def _cubic(x: Floats, y: Floats, at: Floats) -> Floats:
    """Cubic spline, third derivative continuous at the second and the last but one knot."""
    if len(x) < 4:
        return np.asarray(np.interp(at, x, y))
    h, n = np.diff(x), len(x)
    slope = np.diff(y) / h
    # Second derivatives m: continuity of the first derivative at each inner knot.
    matrix, right = np.zeros((n, n)), np.zeros(n)
    i = np.arange(1, n - 1)
    matrix[i, i - 1], matrix[i, i], matrix[i, i + 1] = h[:-1], 2.0 * (h[:-1] + h[1:]), h[1:]
    right[1:-1] = 6.0 * np.diff(slope)
    matrix[0, :3] = h[1], -(h[0] + h[1]), h[0]
    matrix[-1, -3:] = h[-1], -(h[-2] + h[-1]), h[-2]
    m = np.linalg.solve(matrix, right)
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, n - 2)
    left, step = at - x[k], h[k]
    rest = step - left
    cubic = (m[k] * rest**3 + m[k + 1] * left**3) / (6.0 * step)
    linear = (y[k] / step - m[k] * step / 6.0) * rest
    return np.asarray(cubic + linear + (y[k + 1] / step - m[k + 1] * step / 6.0) * left)


def _listing(pairs: set[tuple[int, int]]) -> str:
    return ", ".join(f"{probe} on {target}" for probe, target in sorted(pairs)) or "none"
