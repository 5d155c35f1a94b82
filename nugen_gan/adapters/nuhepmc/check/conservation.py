"""What no convention asks for, but a whole event keeps: charge, baryon number, four-momentum.

They can be told only where the remnant of the nucleus is: the first two by its
``remnant_particle_number`` (P.C.2), or where a free proton leaves none; four-momentum where it
has some, and the target too, for many converters write zeros.  Where the rest of an event is in a
particle of an unknown number, such as GENIE's hadronic blob, nothing can be told.
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np

from nugen_gan.adapters.nuhepmc.check.records import Event, Particle
from nugen_gan.adapters.nuhepmc.check.report import Problem
from nugen_gan.adapters.nuhepmc.terms import BEAM, FINAL, REMNANT, TARGET
from nugen_gan.physics import species
from nugen_gan.physics.process import PROTON, nucleus_pdg

__all__ = ["conservation"]

# Larger codes are of no particle.
PSEUDO = 2_000_000_000
FREE = (PROTON, nucleus_pdg(1, 1))
# How far a sum of momenta may be off, as a part of the energy: files have few digits.
CLOSURE = 1e-5


@lru_cache
def _numbers_of(pdg: int) -> tuple[int, int]:
    """Charge and baryon number of a particle."""
    code = np.array([pdg], np.int32)
    return int(species.charge(code)[0]), int(species.baryon_number(code)[0])


def conservation(event: Event) -> Problem | None:
    """Return what an event does not conserve; None if that is nothing, or cannot be told."""
    incoming = event.with_status(BEAM) + event.with_status(TARGET)
    outgoing = event.with_status(FINAL)
    remnants = [particle for particle in outgoing if particle.pdg == REMNANT]
    unknown = any(abs(p.pdg) >= PSEUDO for p in incoming + outgoing if p not in remnants)
    if len(incoming) != 2 or len(remnants) > 1 or unknown:
        return None
    return _numbers(event, incoming, outgoing, remnants) or _momentum(
        event, incoming, outgoing, remnants
    )


def _numbers(
    event: Event, incoming: list[Particle], outgoing: list[Particle], remnants: list[Particle]
) -> Problem | None:
    before = [particle.pdg for particle in incoming]
    after = [particle.pdg for particle in outgoing if particle not in remnants]
    if remnants:
        name = (remnants[0].id, "remnant_particle_number")
        text = event.attributes.get(name, ("", 0))[0].strip()
        if not re.fullmatch(r"\d{1,10}", text) or int(text) >= PSEUDO:
            return None
        after.append(int(text))
    elif not any(pdg in FREE for pdg in before):
        return None
    included = ", the remnant included" if remnants else ""
    for place, what in enumerate(("charge", "baryon number")):
        old, new = (sum(_numbers_of(pdg)[place] for pdg in codes) for codes in (before, after))
        if old != new:
            return Problem(f"{what} is {old} before and {new} after{included}", event.line)
    return None


def _momentum(
    event: Event, incoming: list[Particle], outgoing: list[Particle], remnants: list[Particle]
) -> Problem | None:
    if not remnants or not all(p.momentum[3] > 0.0 for p in (*incoming, *remnants)):
        return None
    tolerance = CLOSURE * sum(particle.momentum[3] for particle in incoming)
    for place, what in enumerate(("px", "py", "pz", "the energy")):
        before, after = (sum(particle.momentum[place] for particle in group)
                         for group in (incoming, outgoing))  # fmt: skip
        if not abs(after - before) <= tolerance:
            return Problem(
                f"{what} is {before:.6g} before and {after:.6g} after, the remnant included",
                event.line,
            )
    return None
