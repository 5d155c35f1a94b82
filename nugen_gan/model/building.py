"""From the files of a model folder to the model: every network from its tensors."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import ModelError
from nugen_gan.model import unstored
from nugen_gan.model.folder import CRITIC, GENERATOR, HADRONS, LEPTON, read_arrays, read_weights
from nugen_gan.model.model import Model, check_lepton
from nugen_gan.model.networks import Deferred, Networks
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Process
from nugen_gan.storage.atomic import sha256

if TYPE_CHECKING:
    from nugen_gan.density_ratio.network import DensityRatio
    from nugen_gan.hadrons.model import HadronModel
    from nugen_gan.lepton.model import LeptonModel
    from nugen_gan.model.proposal import Proposal
    from nugen_gan.model.steps import Step

__all__ = ["build", "damaged"]


def build(folder: Path, record: Mapping[str, Any]) -> Model:
    """Return the model of a folder whose model.json was read and checked.

    Raises
    ------
    ModelError
        if its tensors are not those of such a model.
    """
    from nugen_gan.gan.definition import different_conventions

    different = different_conventions(record["conventions"])
    if different:
        raise ModelError(
            f"model folder {folder} was made with other constants than this version has: "
            f"{different}. Use the version that wrote it: {record['nugen_gan_version']}."
        )
    fast, hadrons = _lepton(folder, record), _hadrons(folder, record)
    process = Process(record["process"]["probe"], record["process"]["target"])
    check_lepton(process, float(record["steps"][-1]["lepton_mass"]))
    networks: Deferred | Networks
    if fast is None:
        networks = _networks(folder, record)
    else:
        # Only to be trained further, or compared with, are they needed.
        deferred = functools.partial(_networks, folder, record)
        networks = Deferred(deferred, len(record["replicas"]))
    sigma, (low, high) = record["cross_section"], record["energy_range"]
    return Model(
        process=process,
        energy_range=(float(low), float(high)),
        networks=networks,
        cross_section=None if sigma is None else CrossSection.from_dict(sigma),
        training=record["training"],
        lineage=tuple(record["lineage"]),
        metrics=record["metrics"],
        name=record["name"],
        digest=sha256(folder / GENERATOR),
        lepton=fast,
        hadrons=hadrons,
    )


@contextmanager
def damaged(folder: Path) -> Iterator[None]:
    """Turn what the content of a model folder makes go wrong into a :class:`ModelError`."""
    try:
        yield
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(
            f"model folder {folder} is damaged: {error}. Copy the folder again from where it came, "
            "or make the model anew."
        ) from error


def _networks(folder: Path, record: Mapping[str, Any]) -> Networks:
    with damaged(folder):
        return _checked_networks(folder, record)


def _checked_networks(folder: Path, record: Mapping[str, Any]) -> Networks:
    from nugen_gan.channels.classifier import ChannelClassifier
    from nugen_gan.model.stored import check_critic, check_generator

    tensors, judging = (read_weights(folder / name) for name in (GENERATOR, CRITIC))
    check_generator(record, tensors)
    check_critic(record, judging)
    labels = ChannelClassifier(tuple(record["channels"].values()))
    labels.load_state_dict(_part(tensors, "labels."))
    replicas = (
        _ratio(shape, tensors, f"replica{number}.")
        for number, shape in enumerate(record["replicas"], 1)
    )
    return Networks(
        _proposal(record, tensors, judging),
        _steps(record, tensors),
        labels.eval().requires_grad_(False),
        tuple(replicas),
    )


def _lepton(folder: Path, record: Mapping[str, Any]) -> LeptonModel | None:
    from nugen_gan.lepton.model import LeptonModel
    from nugen_gan.lepton.stored import check_tensors

    if record.get("lepton") is None:
        return None
    tensors = read_arrays(folder / LEPTON)
    check_tensors(record["lepton"], tensors)
    return LeptonModel.from_dict(record["lepton"], tensors)


def _hadrons(folder: Path, record: Mapping[str, Any]) -> HadronModel | None:
    from nugen_gan.hadrons.model import HadronModel
    from nugen_gan.hadrons.stored import check_tensors

    if record.get("hadrons") is None:
        return None
    tensors = read_arrays(folder / HADRONS)
    check_tensors(record["hadrons"], tensors)
    return HadronModel.from_dict(record["hadrons"], tensors)


def _proposal(
    record: Mapping[str, Any], tensors: Mapping[str, Any], judging: Mapping[str, Any]
) -> Proposal:
    from nugen_gan.density_ratio.reach import Reach
    from nugen_gan.gan.definition import FeatureDefinition
    from nugen_gan.gan.features import FEATURES, Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator
    from nugen_gan.model.proposal import Proposal

    stored = {"reach": unstored.REACH} | record["proposal"]
    architecture = Architecture(**stored["architecture"])
    generator, critic = Generator(architecture), Critic(architecture, len(FEATURES))
    generator.load_state_dict(_single(_part(tensors, "generator.")))
    critic.load_state_dict(judging)
    low, high = stored["condition_range"]
    return Proposal(
        architecture,
        generator.eval().requires_grad_(False),
        critic.eval().requires_grad_(False),
        Scaling(
            tensors["scaling.mean"],
            tensors["scaling.scale"],
            FeatureDefinition.from_dict(record["features"]),
        ),
        condition_range=(float(low), float(high)),
        lepton_mass=float(stored["lepton_mass"]),
        smearing=float(stored["smearing"]),
        reach=Reach(**stored["reach"]),
    )


def _steps(record: Mapping[str, Any], tensors: Mapping[str, Any]) -> tuple[Step, ...]:
    from nugen_gan.model.steps import Step

    return tuple(
        Step(
            float(step["lepton_mass"]),
            float(step["threshold_shift"]),
            None if step["ratio"] is None else _ratio(step["ratio"], tensors, f"step{number}."),
            float(step["softness"]),
            float(step["power"]),
        )
        for number, step in enumerate(unstored.STEP | step for step in record["steps"])
    )


def _ratio(shape: Mapping[str, Any], tensors: Mapping[str, Any], prefix: str) -> DensityRatio:
    from nugen_gan.density_ratio.network import DensityRatio, RatioShape

    ratio = DensityRatio(RatioShape(**{**unstored.SHAPE, **shape}))
    ratio.load_state_dict(_single(_part(tensors, prefix)))
    return ratio.eval().requires_grad_(False)


def _single(tensors: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.float() for name, value in tensors.items()}


def _part(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
