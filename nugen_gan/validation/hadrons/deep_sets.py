"""A classifier on the particles themselves, which no list of observables limits.

Deep sets (M. Zaheer et al., NeurIPS 2017): one network sees each particle, what it says is summed
over the particles of an event, and a second network judges the sum together with the lepton and
with what the particles leave of the energy and momentum transfer.  The order of the particles does
not matter.  Both are small and written out in numpy here, gradients too: a thousand steps take
seconds on one core.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nugen_gan.validation.hadrons.final_state import (
    KAONS,
    NEUTRAL_PION,
    NEUTRON,
    PHOTON,
    PROTON,
)
from nugen_gan.validation.hadrons.observables import ROUNDING, energy_used
from nugen_gan.validation.hadrons.perceptron import Adam, Perceptron
from nugen_gan.validation.hadrons.samples import HadronSample, HadronSamples, Range
from nugen_gan.validation.metrics.c2st import C2st, Chosen, Pair, scored
from nugen_gan.validation.metrics.c2st import features as lepton_features

__all__ = ["deep_sets_classifier", "event_inputs", "particle_inputs"]

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Integers = NDArray[np.int64]

# Species with an input of their own; everything else shares one.
SPECIES = ((PROTON,), (NEUTRON,), (211,), (NEUTRAL_PION,), (-211,), (PHOTON,), KAONS)
# Width of both networks, and numbers that the first says of a particle.
WIDTH, SUMMED = 128, 64
BATCH = 512
# Each training event is seen about so often, within these numbers of steps.
EPOCHS, FEWEST_STEPS, MOST_STEPS = 30, 500, 6_000
RATE = 2e-3
# Momenta [GeV] and energies [GeV] at which the inputs go over from linear to logarithmic.
MOMENTUM, ENERGY, LEFT = 0.3, 0.05, 0.02


class Sets(NamedTuple):
    """Events as a network sees them.

    Attributes
    ----------
    particles : inputs of the particles, shape (M, k)
    ends : where the particles of each event end, shape (N + 1,), beginning with 0
    events : inputs of the events, shape (N, l)
    """

    particles: Singles
    ends: Integers
    events: Singles

    def pick(self, rows: Integers) -> Sets:
        """The same of some of the events."""
        counts = self.ends[rows + 1] - self.ends[rows]
        ends = np.concatenate([[0], np.cumsum(counts)])
        # First particle of each event, and the number of each particle inside its event.
        inside = np.arange(ends[-1]) - np.repeat(ends[:-1], counts)
        index = np.repeat(self.ends[rows], counts) + inside
        return Sets(self.particles[index], ends, self.events[rows])


def particle_inputs(sample: HadronSample) -> Floats:
    """Inputs of M particles, shape (M, k).

    Species; momentum across q in the lepton plane, out of it and along q; kinetic energy; cosines
    of the angles to q and to the neutrino.
    """
    state = sample.state
    kinds = [state.any_of(*codes) for codes in SPECIES]
    kinds.append(~np.logical_or.reduce(kinds))
    axes = [np.einsum("ij,ij->i", axis[state.event], state.momentum) for axis in state.axes()]
    size = np.maximum(state.size, 1e-9)
    momenta = [np.arcsinh(component / MOMENTUM) for component in axes]
    kinetic = np.log1p(np.round(state.kinetic, ROUNDING) / ENERGY)
    cosines = [axes[2] / size, state.momentum[:, 2] / size]
    return np.column_stack([*kinds, *momenta, kinetic, *cosines])


def event_inputs(sample: HadronSample) -> Floats:
    """Inputs of N events, shape (N, l).

    Energies and angles of the lepton; the energy and the momentum that the particles leave, all
    of them at two scales.
    """
    state = sample.state
    energy = np.round(state.omega - state.total(energy_used(state)), ROUNDING)
    momentum = state.transfer - state.total(state.momentum)
    left = [energy, *(np.einsum("ij,ij->i", momentum, axis) for axis in state.axes())]
    lepton = lepton_features(sample.events)
    enu, omega, q2, w2 = lepton[:, 0], lepton[:, 3], lepton[:, 4], lepton[:, 5]
    columns = [
        np.log(enu), np.log(omega + ENERGY), np.log(q2 + ENERGY), np.arcsinh(w2 - 1.0),
        *lepton[:, [2, 6, 7]].T,
        *(np.arcsinh(column / scale) for column in left for scale in (LEFT, MOMENTUM)),
    ]  # fmt: skip
    return np.column_stack(columns)


def deep_sets_classifier(
    samples: HadronSamples,
    *,
    seed: int = 0,
    events: int | None = None,
    energy_ranges: Sequence[Range] = (),
) -> C2st:
    """Train deep sets on half of two samples and measure their AUC on the other half.

    Arguments and errors are those of :func:`nugen_gan.validation.metrics.c2st.c2st`.
    """
    sets = _standard(*(_sets(sample) for sample in samples.pair))
    weights = samples.weights

    def scorer(train: Chosen, test: Chosen) -> Pair:
        rng = np.random.default_rng([seed, 22])
        network = _Network.fresh(sets[0], rng)
        learned = _trained(network, sets, weights, train, rng)
        first, second = (learned.scores(s.pick(rows)) for s, rows in zip(sets, test, strict=True))
        return first, second

    return scored(
        samples.samples, scorer, seed=seed, events=events, energy_ranges=energy_ranges,
        what="the classifier test of the particles",
    )  # fmt: skip


def _sets(sample: HadronSample) -> Sets:
    counts = np.bincount(sample.state.event, minlength=sample.state.events)
    ends = np.concatenate([[0], np.cumsum(counts)])
    particles, events = particle_inputs(sample), event_inputs(sample)
    return Sets(particles.astype(np.float32), ends, events.astype(np.float32))


def _standard(first: Sets, second: Sets) -> tuple[Sets, Sets]:
    """Inputs with mean 0 and standard deviation 1 in the first sample."""
    parts = []
    for name in ("particles", "events"):
        values = getattr(first, name)
        # Events without any particle have nothing to scale.
        centre = values.mean(axis=0) if len(values) else np.float32(0.0)
        scale = values.std(axis=0) if len(values) else np.float32(1.0)
        scale = np.where(scale > 0.0, scale, 1.0).astype(np.float32)
        parts.append([(getattr(s, name) - centre) / scale for s in (first, second)])
    (particles1, particles2), (events1, events2) = parts
    return Sets(particles1, first.ends, events1), Sets(particles2, second.ends, events2)


class _Network(NamedTuple):
    """The network of the particles and that of the events."""

    inner: Perceptron
    outer: Perceptron

    @classmethod
    def fresh(cls, sets: Sets, rng: np.random.Generator) -> _Network:
        """With random weights."""
        inputs = SUMMED + sets.events.shape[1]
        return cls(
            Perceptron.fresh((sets.particles.shape[1], WIDTH, SUMMED), rng, last_linear=False),
            Perceptron.fresh((inputs, WIDTH, WIDTH, 1), rng, last_linear=True),
        )

    def gradients(self, sets: Sets, label: Singles, weight: Singles) -> list[Singles]:
        """Gradients of the cross entropy of a batch by all weights."""
        inside, inner = self.inner.forward(sets.particles)
        outside, outer = self.outer.forward(np.hstack([_sums(inside, sets.ends), sets.events]))
        slope = weight[:, None] * (_sigmoid(outside) - label[:, None])
        steps, back = self.outer.backward(outer, slope / weight.sum())
        counts = np.diff(sets.ends)
        more, _ = self.inner.backward(inner, np.repeat(back[:, :SUMMED], counts, axis=0))
        return [*more, *steps]

    def parameters(self) -> list[Singles]:
        """All weights, in the order of :meth:`gradients`."""
        return [*self.inner.parameters, *self.outer.parameters]

    def scores(self, sets: Sets) -> Floats:
        """How much events look like the second sample, shape (N,)."""
        found = []
        for rows in np.array_split(np.arange(len(sets.events)), 1 + len(sets.events) // 20_000):
            part = sets.pick(rows)
            summed = _sums(self.inner.forward(part.particles)[0], part.ends)
            found.append(self.outer.forward(np.hstack([summed, part.events]))[0][:, 0])
        return np.concatenate(found).astype(np.float64)


def _trained(
    network: _Network, sets: tuple[Sets, Sets], weights: Pair, train: Chosen,
    rng: np.random.Generator,
) -> _Network:  # fmt: skip
    """Learn with Adam and a falling rate, from as many events of either sample in each batch."""
    size = BATCH // 2
    smaller = min(rows.size for rows in train)
    steps = int(np.clip(EPOCHS * smaller // size, FEWEST_STEPS, MOST_STEPS))
    adam = Adam(network.parameters(), RATE, steps)
    label = np.repeat(np.array([0.0, 1.0], np.float32), min(size, smaller))
    for _ in range(steps):
        rows = [rng.choice(r, min(size, smaller)) for r in train]
        parts = [s.pick(r) for s, r in zip(sets, rows, strict=True)]
        weight = np.concatenate([w[r] for w, r in zip(weights, rows, strict=True)])
        adam.step(network.gradients(_joined(*parts), label, weight.astype(np.float32)))
    adam.settle()
    return network


def _joined(first: Sets, second: Sets) -> Sets:
    ends = np.concatenate([first.ends, first.ends[-1] + second.ends[1:]])
    particles = np.concatenate([first.particles, second.particles])
    return Sets(particles, ends, np.concatenate([first.events, second.events]))


def _sums(values: Singles, ends: Integers) -> Singles:
    """Sum of the rows of each event, shape (N, k); 0 where there are none."""
    total = np.zeros((ends.size - 1, values.shape[1]), np.float32)
    filled = np.flatnonzero(np.diff(ends))
    if filled.size:
        total[filled] = np.add.reduceat(values, ends[filled], axis=0)
    # Of the size of one particle's, as the second network is made for.
    return total / np.float32(2.0)


def _sigmoid(values: Singles) -> Singles:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values, -30.0, 30.0))), np.float32)
