"""A training sample as tensors, and the part of it that is held out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nugen_gan.errors import EmptySelectionError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.features import condition, raw_features
from nugen_gan.streams import numpy_stream

__all__ = ["TrainingSample", "sample_digest", "split_events", "unweighted"]

# Fewer events than this teach nothing that a histogram would not.
SMALLEST_SAMPLE = 100


def split_events(events: EventTable, held_out: float, seed: int) -> tuple[EventTable, EventTable]:
    """Split events at random into a training part and a held-out part.

    Parameters
    ----------
    events : at least 100 events
    held_out : fraction to hold out, at most 100,000 events
    seed : of the random split; the same seed gives the same split

    Raises
    ------
    EmptySelectionError
        for fewer than 100 events.
    """
    if len(events) < SMALLEST_SAMPLE:
        raise EmptySelectionError(
            f"{len(events)} events of {events.process.name} are too few to train on: at least "
            f"{SMALLEST_SAMPLE} are needed, and 10,000 or more give a useful model"
        )
    order = numpy_stream(seed, "held out").permutation(len(events))
    kept_back = min(round(held_out * len(events)), 100_000)
    return events[order[kept_back:]], events[order[:kept_back]]


@dataclass(frozen=True, slots=True)
class TrainingSample:
    """Events as the networks see them; all float32 tensors with N rows.

    Attributes
    ----------
    enu : neutrino energy [GeV], (N,)
    condition : (N, 3), see :func:`nugen_gan.gan.features.condition`
    features : the critic's features before scaling, (N, F)
    """

    enu: Tensor
    condition: Tensor
    features: Tensor

    @classmethod
    def of(
        cls,
        events: EventTable,
        energy_range: tuple[float, float],
        definition: FeatureDefinition,
    ) -> TrainingSample:
        """Encode events in float64, keep float32."""
        enu = torch.from_numpy(events.enu)
        return cls(
            enu.float(),
            condition(enu, energy_range).float(),
            raw_features(
                enu, torch.from_numpy(events.proxies()), events.process.lepton_mass, definition
            ).float(),
        )

    def __len__(self) -> int:
        return len(self.enu)

    def to(self, device: torch.device) -> TrainingSample:
        """Return a copy on a device."""
        return TrainingSample(
            self.enu.to(device), self.condition.to(device), self.features.to(device)
        )


def unweighted(events: EventTable, seed: int) -> EventTable:
    """Return events of unit weight: each is kept with probability weight / largest weight."""
    weight = events.weight
    if not len(events) or np.all(weight == weight[0]):
        return events
    draw: NDArray[np.float64] = numpy_stream(seed, "unweighting").random(len(events))
    kept = events[draw * weight.max() < weight]
    return kept.with_(weight=np.ones(len(kept)))


def sample_digest(events: EventTable) -> str:
    """SHA-256 over the columns of a sample, as float32: names the sample in the model."""
    digest = hashlib.sha256(events.process.name.encode())
    for column in (events.enu, events.elep, events.costheta):
        digest.update(column.astype("<f4").tobytes())
    digest.update(events.channel.astype("<i2").tobytes())
    return digest.hexdigest()
