"""Samples whose hadrons are wrong in one way each, made from genuine events."""

from __future__ import annotations

import numpy as np

from nugen_gan.events.particles import Flat, flat, particles
from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.topologies import topologies


def more_pions(events, share=0.05, seed=1):
    """Every pion twice with this probability."""
    those = flat(events.particles)
    pion = np.isin(those.pdg, (211, -211, 111))
    twice = pion & (np.random.default_rng(seed).random(pion.size) < share)
    return events.with_(particles=_repeated(those, 1 + twice))


def protons_turned(events, seed=1):
    """The protons of each event turned about q by a random angle: no imbalance of their own."""
    state = FinalState.of(events)
    angle = np.random.default_rng(seed).uniform(0.0, 2.0 * np.pi, len(events))[state.event]
    inside, out, along = (axis[state.event] for axis in state.axes())
    a, b, c = (np.einsum("ij,ij->i", axis, state.momentum) for axis in (inside, out, along))
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = (a[:, None] * cos - b[:, None] * sin) * inside
    turned += (a[:, None] * sin + b[:, None] * cos) * out + c[:, None] * along
    momentum = np.where((state.pdg == 2212)[:, None], turned, state.momentum)
    return events.with_(particles=particles(
        np.bincount(state.event, minlength=len(events)), state.pdg, *momentum.T, state.energy
    ))  # fmt: skip


def shuffled(events, seed=1):
    """Hadrons exchanged at random between the events of one topology."""
    topology = topologies(FinalState.of(events))
    rng, source = np.random.default_rng(seed), np.arange(len(events))
    for code in np.unique(topology):
        members = np.flatnonzero(topology == code)
        source[members] = rng.permutation(members)
    return events.with_(particles=events.particles[source])


def shuffled_nearby(events):
    """Hadrons exchanged between events of one topology that are neighbours in energy."""
    topology = topologies(FinalState.of(events))
    source = np.arange(len(events))
    for code in np.unique(topology):
        members = np.flatnonzero(topology == code)
        members = members[np.argsort(events.enu[members])]
        source[members] = np.roll(members, 1)
    return events.with_(particles=events.particles[source])


def _repeated(those: Flat, times):
    index = np.repeat(np.arange(those.pdg.size), times)
    counts = np.bincount(those.event(), times, minlength=len(those.counts)).astype(np.int64)
    return particles(counts, *(column[index] for column in those[1:]))
