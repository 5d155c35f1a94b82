"""A model of hadrons with room for more: what a transfer begins with.

Other nuclei and probes have particles that the base does not know, in greater numbers: argon has
more nucleons to lose, antineutrinos make hyperons.  The base's networks get inputs and classes for
them; what they say of what the base knows stays as it was.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import Flat
from nugen_gan.hadrons.conditions import CONDITIONS
from nugen_gan.hadrons.content import Catalogue, Counts
from nugen_gan.hadrons.model import HadronModel
from nugen_gan.hadrons.multiplicities import head_names
from nugen_gan.hadrons.samples import EVENT_INPUTS

__all__ = ["widened"]

Halves = NDArray[np.float16]
# A class that the base does not know begins as this much less likely than the one before [nats].
LESS_LIKELY = 1.5


def widened(start: HadronModel, those: Flat, most: tuple[int, ...], least: int) -> HadronModel:
    """Return the base with room for the particles of some events.

    Parameters
    ----------
    start : the base
    those : the particles of the events
    most : largest numbers of pi+, pi0, pi-, protons and neutrons among them
    least : events with a combination of rare particles, at least, for it to be learned
    """
    old, catalogue = start.catalogue, _joined(start.catalogue, Catalogue.found(those, least))
    largest = tuple(map(max, start.shape.most, most))
    species = [_place(catalogue, code) for code in old.order.tolist()]
    rare = [catalogue.codes.index(code) for code in old.codes]
    tensors = dict(start.tensors)
    _inputs(tensors, "first", _after(EVENT_INPUTS, species, len(catalogue.order)))
    classes = (len(catalogue.entries), *(number + 1 for number in largest))
    for name, number in zip(head_names(), classes, strict=True):
        if name != "rare":
            _inputs(tensors, name, _after(CONDITIONS, rare, len(catalogue.codes)))
        _classes(tensors, name, number)
    return replace(
        start, catalogue=catalogue, shape=replace(start.shape, most=largest), tensors=tensors
    )


def _joined(old: Catalogue, new: Catalogue) -> Catalogue:
    """The old catalogue, followed by what only the new one has."""
    codes = old.codes + tuple(code for code in new.codes if code not in old.codes)
    room = (0,) * (len(codes) - len(old.codes))
    entries = [entry + room for entry in old.entries]
    places = [codes.index(code) for code in new.codes]
    for entry in new.entries:
        row = np.zeros(len(codes), np.int64)
        row[places] = entry
        if tuple(row.tolist()) not in entries:
            entries.append(tuple(row.tolist()))
    return Catalogue(codes, tuple(entries))


def _place(catalogue: Catalogue, code: int) -> int:
    return int(catalogue.order.tolist().index(code))


def _after(before: int, places: list[int], number: int) -> tuple[int, Counts, int]:
    """Where inputs go: those before stay, some go to these places of so many, the rest follow."""
    return before, np.array(places, np.int64), number


def _inputs(tensors: dict[str, Halves], name: str, where: tuple[int, Counts, int]) -> None:
    """Spread the inputs of a network; those that are new count nothing."""
    before, places, number = where
    old = tensors[f"{name}.inward.weight"]
    new = np.zeros((len(old), old.shape[1] - len(places) + number), np.float16)
    new[:, :before] = old[:, :before]
    new[:, before + places] = old[:, before : before + len(places)]
    new[:, before + number :] = old[:, before + len(places) :]
    tensors[f"{name}.inward.weight"] = new


def _classes(tensors: dict[str, Halves], name: str, number: int) -> None:
    """Add classes to a network: each as the one before, but less likely."""
    weight, bias = (tensors[f"{name}.outward.{part}"] for part in ("weight", "bias"))
    more = number - len(bias)
    if more > 0:
        falling = bias[-1] - LESS_LIKELY * np.arange(1, more + 1)
        tensors[f"{name}.outward.bias"] = np.concatenate([bias, falling.astype(np.float16)])
        tensors[f"{name}.outward.weight"] = np.concatenate(
            [weight, np.tile(weight[-1:], (more, 1))]
        )
