"""A model of the hadrons: what it knows, and the particles that it makes for given leptons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.events.particles import particles
from nugen_gan.events.table import EventTable
from nugen_gan.hadrons.conditions import conditions
from nugen_gan.hadrons.content import Catalogue
from nugen_gan.hadrons.momenta import Edges, Momenta
from nugen_gan.hadrons.multiplicities import Multiplicities
from nugen_gan.hadrons.samples import event_inputs
from nugen_gan.hadrons.shape import HadronShape
from nugen_gan.hadrons.tiles import Uniform
from nugen_gan.hadrons.transfer_frame import Transfer
from nugen_gan.physics.process import Channel, Process

if TYPE_CHECKING:
    import awkward as ak

__all__ = ["HadronModel"]


@dataclass(frozen=True)
class HadronModel:
    """Makes the hadrons of events whose leptons and channels are known.

    Attributes
    ----------
    process : what collides
    catalogue : the species, and the combinations of rare ones
    shape : sizes of the networks
    edges : of the bins of the chain's variables
    tensors : weights of the networks by name, float16
    left_out : share of the training events that it does not know how to make, by reason
    overdraft : energy that hadrons may take beyond the energy transfer [GeV]
    """

    process: Process
    catalogue: Catalogue
    shape: HadronShape
    edges: Edges
    tensors: Mapping[str, NDArray[np.float16]] = field(repr=False)
    left_out: Mapping[str, float] = field(default_factory=dict)
    overdraft: float = 0.0

    @cached_property
    def multiplicities(self) -> Multiplicities:
        """Draws how many particles of each species there are."""
        return Multiplicities.of(self.process, self.catalogue, self.tensors)

    @cached_property
    def momenta(self) -> Momenta:
        """Draws their momenta."""
        return Momenta.of(self.catalogue, self.edges, self.tensors, self.overdraft)

    def sample(self, table: EventTable, uniform: Uniform) -> ak.Array:
        """Make the particles of N events beside their leptons, as ``EventTable.particles``.

        Parameters
        ----------
        table : the leptons and channels
        uniform : source of random numbers, such as :func:`nugen_gan.hadrons.tiles.independent`
        """
        transfer = Transfer.of(table)
        given = conditions(table, transfer)
        coherent = np.asarray(table.channel == Channel.COH)
        budget = transfer.omega + np.where(coherent, 0.0, self.overdraft)
        counts = self.multiplicities.draw(given, budget, coherent, uniform)
        kinds, momenta = self.momenta.draw(
            event_inputs(given, counts, self.catalogue), counts, transfer.omega, transfer.q,
            coherent, uniform,
        )  # fmt: skip
        total = counts.sum(axis=1)
        momenta = transfer.back(momenta, np.repeat(np.arange(len(table)), total))
        mass = self.catalogue.mass[kinds]
        energy = np.sqrt((momenta**2).sum(axis=1) + mass**2)
        px, py, pz = momenta.T
        return particles(total, self.catalogue.order[kinds], px, py, pz, energy)

    def as_dict(self) -> dict[str, Any]:
        """Everything but the weights, as plain values for a JSON file."""
        return {
            "process": self.process.name,
            "catalogue": self.catalogue.as_dict(),
            "shape": self.shape.as_dict(),
            "edges": {
                name: getattr(self.edges, name).tolist() for name in ("more", "last", "polar")
            },
            "left_out": dict(self.left_out),
            "overdraft": self.overdraft,
        }

    @classmethod
    def from_dict(
        cls, values: Mapping[str, Any], tensors: Mapping[str, NDArray[np.float16]]
    ) -> HadronModel:
        """Inverse of :meth:`as_dict`, with the weights."""
        edges = Edges(
            *(np.array(values["edges"][name], np.float64) for name in ("more", "last", "polar"))
        )
        return cls(
            Process.from_name(values["process"]), Catalogue.from_dict(values["catalogue"]),
            HadronShape.from_dict(values["shape"]),
            edges, tensors, dict(values["left_out"]), float(values.get("overdraft", 0.0)),
        )  # fmt: skip
