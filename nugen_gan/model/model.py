"""A trained model: what it holds, and how it is loaded and saved."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import ModelError, UsageError
from nugen_gan.model.folder import (
    CRITIC,
    FORMAT_VERSION,
    GENERATOR,
    find_model,
    read_description,
    read_weights,
    write_folder,
)
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage.atomic import sha256

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nugen_gan.channels.classifier import ChannelClassifier
    from nugen_gan.density_ratio.network import Refiner
    from nugen_gan.density_ratio.threshold_shift import Shift
    from nugen_gan.events.table import EventTable
    from nugen_gan.gan.features import Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator
    from nugen_gan.model.sampler import Sampler

__all__ = ["Model", "load_model"]


@dataclass(frozen=True)
class Model:
    """A generator of charged-current events of one process.

    Attributes
    ----------
    process : what collides
    energy_range : smallest and largest neutrino energy [GeV]; part of the model
    architecture : sizes of the networks
    generator, critic : the networks, on the CPU
    scaling : mean and scale of the features
    classifier : channel probabilities
    moved_share : of the generator's events that is moved before the refiner sees them; see
        :mod:`nugen_gan.density_ratio.smearing`
    shifts : what these events undergo, one for each transfer; see
        :mod:`nugen_gan.density_ratio.chain`
    refiner : which of these events to accept; None: all of them
    replicas : refiners of the bootstrap replicas, which carry the uncertainty of the model
    replica_number : which replica this is; 0 for the model itself
    condition_range : energies [GeV] that the networks know as -1 and 1, where not those of
        ``energy_range``: a fine-tuned model keeps its base's
    cross_section : sigma(enu) [cm^2 per nucleus]; None where the training sample did not tell
    training : how it was trained: options, events, digest of the sample, steps, seconds
    lineage : the models and samples that it descends from, oldest first
    metrics : how good it was on events held out from training, and on others
    name : of the folder
    """

    process: Process
    energy_range: tuple[float, float]
    architecture: Architecture
    generator: Generator
    critic: Critic
    scaling: Scaling
    classifier: ChannelClassifier
    cross_section: CrossSection | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    lineage: tuple[Mapping[str, Any], ...] = ()
    metrics: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""
    digest: str = ""
    moved_share: float = 0.0
    shifts: tuple[Shift, ...] = ()
    refiner: Refiner | None = None
    replicas: tuple[Refiner, ...] = ()
    replica_number: int = 0
    condition_range: tuple[float, float] | None = None

    def __repr__(self) -> str:
        """Say in a few lines what it is; the networks would fill a page."""
        low, high = self.energy_range
        origin = " ".join(str(self.training.get(key) or "") for key in ("generator", "version"))
        sigma = self.cross_section
        lines = [
            f"Model {self.name or 'without a name'}: {self.process.name}, {low:g}-{high:g} GeV",
            f"  trained on {self.training.get('events', 0):,d} events of "
            f"{origin.strip() or 'an unnamed generator'}",
            f"  cross section: {f'{sigma.extent} ({sigma.source})' if sigma else 'unknown'}",
        ]
        if self.replicas:
            lines.append(f"  {len(self.replicas)} bootstrap replicas")
        return "\n".join(lines)

    @property
    def known_range(self) -> tuple[float, float]:
        """Neutrino energies [GeV] that the networks know as -1 and 1."""
        return self.condition_range or self.energy_range

    @property
    def settings(self) -> dict[str, Any]:
        """Physics switches of the generator that made the training sample, as far as known."""
        return dict(self.training.get("settings") or {})

    def replica(self, number: int) -> Model:
        """Return replica ``number``, from 1: a model fitted to a bootstrap of the events.

        Raises
        ------
        UsageError
            if the model has no such replica.
        """
        if not 1 <= number <= len(self.replicas):
            have = f"replicas 1 to {len(self.replicas)}" if self.replicas else "no replicas"
            raise UsageError(
                f"replica {number} was asked for; the model {self.name} has {have}. "
                "'nugen-gan finetune --ensemble N' makes a model with replicas."
            )
        return replace(self, refiner=self.replicas[number - 1], replicas=(), replica_number=number)

    def sample(
        self,
        enu: ArrayLike,
        *,
        seed: int | None = None,
        allow_extrapolation: bool = False,
        replica: int | None = None,
    ) -> EventTable:
        """Generate one event for each neutrino energy.

        Parameters
        ----------
        enu : neutrino energies [GeV], shape (N,) or a single number
        seed : of the random numbers; drawn if absent, and recorded in the provenance.  The
            same energies and seed give the same events
        allow_extrapolation : permit energies outside ``energy_range``
        replica : sample this bootstrap replica, from 1, instead of the model itself

        Returns
        -------
        A table of N events in the order of ``enu``.

        Raises
        ------
        EnergyRangeError
            if an energy lies outside the range of the model.
        UsageError
            if there is no such replica.

        Examples
        --------
        >>> import nugen_gan
        >>> model = nugen_gan.load_model("numu_cc_C12")
        >>> model.sample([1.0, 2.0], seed=1)
        EventTable: 2 events of numu_cc_C12, 1-2 GeV, from nugen-gan ...

        For more events than fit into memory there is the Sampler, which makes them in tables:

        >>> import numpy as np
        >>> isinstance(model.sampler, nugen_gan.Sampler)
        True
        >>> energies = lambda first, last: np.ones(last - first)
        >>> [len(table) for table in model.sampler.stream(energies, 1000, seed=1, chunk=400)]
        [400, 400, 200]
        """
        warn_if_poor(self.name, self.metrics)
        if replica is not None:
            return self.replica(replica).sampler.sample(
                enu, seed=seed, allow_extrapolation=allow_extrapolation
            )
        return self.sampler.sample(enu, seed=seed, allow_extrapolation=allow_extrapolation)

    @cached_property
    def sampler(self) -> Sampler:
        """The engine behind :meth:`sample`, also for streams of events."""
        from nugen_gan.model.sampler import Sampler

        return Sampler(self)

    def with_(self, **changes: Any) -> Model:
        """Return a copy with some attributes replaced."""
        return replace(self, **changes)

    def description(self) -> dict[str, Any]:
        """Everything but the weights, as plain values: the content of model.json."""
        from nugen_gan._version import __version__
        from nugen_gan.gan.definition import conventions

        return {
            "format_version": FORMAT_VERSION,
            "nugen_gan_version": __version__,
            "name": self.name,
            "process": {"name": self.process.name, "probe": self.process.probe,
                        "target": self.process.target, "current": self.process.current},
            "units": {"energy": "GeV", "cross_section": "cm2 per nucleus"},
            "energy_range": list(self.energy_range),
            "condition_range": list(self.known_range),
            "architecture": self.architecture.as_dict(),
            "features": self.scaling.definition.as_dict(),
            "conventions": conventions(),
            "moved_share": self.moved_share,
            "shifts": [shift.by for shift in self.shifts],
            "shifted_lepton_masses": [shift.mass for shift in self.shifts],
            "refiner": asdict(self.refiner.shape) if self.refiner else None,
            "replicas": [asdict(refiner.shape) for refiner in self.replicas],
            "channels": {Channel(c).name: c for c in self.classifier.channels},
            "cross_section": self.cross_section.as_dict() if self.cross_section else None,
            "training": dict(self.training),
            "lineage": [dict(step) for step in self.lineage],
            "metrics": dict(self.metrics),
        }  # fmt: skip

    def save(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write the model folder; it appears under its name only when complete.

        Raises
        ------
        OutputError
            if the folder exists (unless ``overwrite``) or cannot be written.
        """
        final = Path(folder)
        named = replace(self, name=self.name or final.name)
        # All weights are of half precision already.
        parts = _halves(self.generator.state_dict(), "generator.")
        parts |= _halves(self.classifier.state_dict(), "classifier.")
        parts |= {"scaling.mean": self.scaling.mean, "scaling.scale": self.scaling.scale}
        if self.refiner is not None:
            parts |= _halves(self.refiner.state_dict(), "refiner.")
        for number, replica in enumerate(self.replicas, 1):
            parts |= _halves(_own(replica, self.refiner), f"replica{number}.")
        weights = {GENERATOR: parts, CRITIC: _halves(self.critic.state_dict())}
        write_folder(final, named.description(), weights, overwrite=overwrite)
        return final


def load_model(name_or_folder: str | os.PathLike[str]) -> Model:
    """Load a model by the name of a bundled one or by its folder, and check all of it.

    Raises
    ------
    UsageError
        if there is no such model.
    ModelError
        if the folder is incomplete or altered, or its content cannot be that of a model.

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.load_model("numu_cc_C12")
    Model numu_cc_C12: numu_cc_C12, 0.2-20 GeV
      trained on ... events of NuWro 25.11
      cross section: ...
    """
    folder = find_model(name_or_folder)
    record = read_description(folder)
    try:
        return _build(folder, record)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"model folder {folder} is damaged: {error}. Copy the folder again from where it came, "
            "or make the model anew."
        ) from error


def _build(folder: Path, record: Mapping[str, Any]) -> Model:
    from nugen_gan.channels.classifier import ChannelClassifier
    from nugen_gan.gan.definition import FeatureDefinition, different_conventions
    from nugen_gan.gan.features import FEATURES, Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator
    from nugen_gan.model.stored import check_critic, check_generator

    different = different_conventions(record["conventions"])
    if different:
        raise ModelError(
            f"model folder {folder} was made with other constants than this version has: "
            f"{different}. Use the version that wrote it: {record['nugen_gan_version']}."
        )
    tensors, judging = (read_weights(folder / name) for name in (GENERATOR, CRITIC))
    check_generator(record, tensors)
    check_critic(record, judging)
    architecture = Architecture(**record["architecture"])
    generator = Generator(architecture)
    critic = Critic(architecture, len(FEATURES))
    classifier = ChannelClassifier(tuple(record["channels"].values()))
    generator.load_state_dict(_single(_part(tensors, "generator.")))
    classifier.load_state_dict(_part(tensors, "classifier."))
    critic.load_state_dict(judging)
    stored, shape = _part(tensors, "refiner."), record["refiner"]
    refiner = None if shape is None else _refiner(shape, stored)
    replicas = (
        _replica(shape, _part(tensors, f"replica{number}."), refiner)
        for number, shape in enumerate(record["replicas"], 1)
    )
    sigma = record["cross_section"]
    (low, high), seen = record["energy_range"], record["condition_range"]
    return Model(
        process=Process(record["process"]["probe"], record["process"]["target"]),
        energy_range=(float(low), float(high)),
        architecture=architecture,
        generator=generator.eval().requires_grad_(False),
        critic=critic.eval().requires_grad_(False),
        scaling=Scaling(
            tensors["scaling.mean"],
            tensors["scaling.scale"],
            FeatureDefinition.from_dict(record["features"]),
        ),
        classifier=classifier.eval().requires_grad_(False),
        cross_section=None if sigma is None else CrossSection.from_dict(sigma),
        training=record["training"],
        lineage=tuple(record["lineage"]),
        metrics=record["metrics"],
        name=record["name"],
        digest=sha256(folder / GENERATOR),
        moved_share=float(record["moved_share"]),
        shifts=_shifts(record),
        refiner=refiner,
        replicas=tuple(replicas),
        condition_range=(float(seen[0]), float(seen[1])),
    )


def _shifts(record: Mapping[str, Any]) -> tuple[Shift, ...]:
    from nugen_gan.density_ratio.threshold_shift import Shift

    steps = zip(record["shifts"], record["shifted_lepton_masses"], strict=True)
    return tuple(Shift(float(by), float(mass)) for by, mass in steps)


def _refiner(shape: Mapping[str, Any], tensors: Mapping[str, Any]) -> Refiner:
    from nugen_gan.density_ratio.network import RatioShape, Refiner

    refiner = Refiner(RatioShape.from_dict(shape))
    refiner.load_state_dict(_single(tensors))
    return refiner.eval().requires_grad_(False)


def _replica(
    shape: Mapping[str, Any], tensors: Mapping[str, Any], refiner: Refiner | None
) -> Refiner:
    """A replica, which may share the refiner before it with the model's."""
    before = None if refiner is None else refiner.before
    if before is None or any(name.startswith("before.") for name in tensors):
        return _refiner(shape, tensors)
    shared = {f"before.{name}": value for name, value in before.state_dict().items()}
    replica = _refiner(shape, {**tensors, **shared})
    replica.before = before
    return replica


def _own(replica: Refiner, refiner: Refiner | None) -> dict[str, Any]:
    """The weights of a replica, without those of a refiner before that the model has too."""
    weights: dict[str, Any] = replica.state_dict()
    if refiner is None or refiner.before is not replica.before:
        return weights
    return {name: value for name, value in weights.items() if not name.startswith("before.")}


def _halves(tensors: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    return {prefix + name: value.half() for name, value in tensors.items()}


def _single(tensors: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.float() for name, value in tensors.items()}


def _part(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
