"""What is odd about a sample of events and its cross section, in words for the user."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.selection import PHYSICAL, POSSIBLE
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

__all__ = [
    "Completeness",
    "contradiction",
    "impossible_hadrons",
    "too_large",
    "unphysical",
    "weights",
]

# A part of the events that is too large to be cut as unphysical without saying so.
UNPHYSICAL = 0.01
# Events that a channel should have had, where none is no fluctuation (exp(-10)).
EXPECTED = 10.0
# The share of a channel may be this factor off, if that is this many standard deviations.
SHARE, DEVIATIONS = 1.5, 5.0
# By which factors two cross sections of one sample contradict each other.
DOUBTFUL, IMPOSSIBLE = 1.2, 1.5
# cm^2 per nucleon and GeV: twice what neutrinos have from 1 GeV to 1 TeV, antineutrinos less.
PER_ENERGY = 2e-38


def unphysical(name: str, flow: CutFlow) -> str:
    """Say if many events were cut as unphysical; "" if not."""
    lost = _lost(name, flow, PHYSICAL)
    return (
        f"{lost} are left out as unphysical: a lepton with more energy than the neutrino "
        "or less than its mass, a momentum that does not go with the energy, or a weight that is "
        "negative or not a number. Check the file."
        if lost
        else ""
    )


def impossible_hadrons(name: str, flow: CutFlow) -> str:
    """Say if many events were cut for their hadrons; "" if not."""
    lost = _lost(name, flow, POSSIBLE)
    return (
        f"{lost} are left out for a particle that cannot be: an energy below its mass or momentum, "
        "or more of it than came in, NaN, or an unknown PDG code. The cross section stays that of "
        "all events. Check the file, or leave the hadrons out (convert --no-hadrons)."
        if lost
        else ""
    )


def _lost(name: str, flow: CutFlow, step: str) -> str:
    """How many events a step lost, "" if few."""
    for (_, before), (what, after) in itertools.pairwise(flow.steps):
        lost = before - after
        if what == step and lost > UNPHYSICAL * before:
            return f"{lost:,} of {before:,} events of {name} ({100 * lost / before:.3g} %)"
    return ""


def weights(name: str, negative: int, undefined: int) -> str:
    """Say if events have weights that cannot be used; "" if not."""
    counts = ((negative, "negative"), (undefined, "not finite"))
    found = " and ".join(f"{count:,} that are {what}" for count, what in counts if count)
    return (
        f"weights of {name}: {found}. These events are left out, and the distributions and the "
        "cross section are off by their part."
        if found
        else ""
    )


def contradiction(name: str, given: float, own: float, error: float) -> tuple[str, bool]:
    """Compare a given cross section with that of the file, both averaged over its flux.

    Parameters
    ----------
    name : the process
    given, own : cm^2 per nucleus
    error : relative statistical error of their ratio

    Returns
    -------
    What to say, "" if they agree, and whether the difference is too large to go on.
    """
    factor = max(given / own, own / given)
    slack = 1.0 + 3.0 * error
    if factor <= DOUBTFUL * slack:
        return "", False
    text = (
        f"the given cross section of {name}, {given:.4g} cm2 per nucleus when averaged over these "
        f"events, contradicts the file's own normalisation, {own:.4g} cm2 per nucleus, by a factor "
        f"of {factor:.3g}"
    )
    return text, factor > IMPOSSIBLE * slack


def too_large(process: Process, sigma: CrossSection | None) -> str:
    """Say if a cross section is larger than that of any neutrino at that energy; "" if not."""
    if sigma is None:
        return ""
    low, high = sigma.energy_range
    energy = np.geomspace(max(low, 1.0), min(high, 1e3), 20) if high >= max(low, 1.0) else ()
    for enu in np.asarray(energy):
        per_nucleon = float(sigma(enu)) / process.a / enu
        if per_nucleon > PER_ENERGY:
            return (
                f"the cross section of {process.name} at {enu:.3g} GeV is {per_nucleon:.3g} cm2 "
                f"per nucleon and GeV; that of neutrinos is 1e-38 at most. Is it per nucleus where "
                "it says per nucleon?"
            )
    return ""


@dataclass(frozen=True)
class Completeness:
    """Whether a sample has all channels of a cross section that is known by channel.

    Attributes
    ----------
    parts : cross section of each channel
    expected : events of each channel that the cross section foretells, their sum that of ``found``
    found : events of each channel in the sample
    """

    parts: Mapping[Channel, CrossSection]
    expected: Mapping[Channel, float]
    found: Mapping[Channel, float]

    @property
    def missing(self) -> list[Channel]:
        """Channels of which there should be events and is none; [] if channels are not told."""
        total = sum(self.found.values())
        if not self.parts or self.found.get(Channel.OTHER, 0.0) > 0.1 * total:
            return []
        return [
            channel
            for channel, number in self.expected.items()
            if channel != Channel.OTHER and number > EXPECTED and not self.found.get(channel)
        ]

    def words(self, name: str) -> list[str]:
        """What does not go together."""
        if not self.parts:
            return []
        total, missing = sum(self.found.values()), self.missing
        lines = []
        if missing:
            listing = ", ".join(f"{c.name} ({self.expected[c]:.0f} expected)" for c in missing)
            lost = sum(self.expected[c] for c in missing) / total
            lines.append(
                f"the {total:,.0f} events of {name} have none of {listing}, {100 * lost:.3g} % of "
                "the cross section: they are a sample of other channels, and these are left out of "
                "its cross section"
            )
        rest = sum(number for c, number in self.expected.items() if c not in missing)
        for channel, number in self.found.items():
            expected = self.expected.get(channel, 0.0) * total / rest if rest > 0.0 else 0.0
            if channel == Channel.OTHER or number < EXPECTED:
                continue
            if not expected:
                lines.append(
                    f"{number:,.0f} events of {name} are {channel.name}, of which the cross "
                    "section has no part: it is too small for this sample"
                )
            elif (
                max(number / expected, expected / number) > SHARE
                and abs(number - expected) > DEVIATIONS * (number + expected) ** 0.5
            ):
                lines.append(
                    f"{number:,.0f} events of {name} are {channel.name}, where the cross section "
                    f"foretells {expected:,.0f}: it is of another tune or sample"
                )
        return lines
