"""A trained model: what it holds, and the folder that it lives in.

The folder has ``model.json`` (everything but the weights), ``generator.safetensors`` (generator,
channel classifier, scaling), ``critic.safetensors`` (needed only to fine-tune), ``README.md``
(the model card) and ``SHA256SUMS``, which loading verifies.  Nothing in it is ever unpickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.bundled import bundled_models, model_folder
from nugen_gan.cross_section import CrossSection
from nugen_gan.errors import ModelError, OutputError, UsageError
from nugen_gan.files import atomic_directory, output_errors, sha256
from nugen_gan.process import Channel, Process

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from nugen_gan.events import EventTable
    from nugen_gan.gan.channels import ChannelClassifier
    from nugen_gan.gan.features import Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator
    from nugen_gan.sampler import Sampler

__all__ = ["FORMAT_VERSION", "Model", "describe", "is_model", "load_model"]

FORMAT_VERSION = 1
DESCRIPTION, GENERATOR, CRITIC, CARD, SUMS = (
    "model.json",
    "generator.safetensors",
    "critic.safetensors",
    "README.md",
    "SHA256SUMS",
)


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

    def sample(
        self, enu: ArrayLike, *, seed: int | None = None, allow_extrapolation: bool = False
    ) -> EventTable:
        """Generate one event for each neutrino energy.

        Parameters
        ----------
        enu : neutrino energies [GeV], shape (N,) or a single number
        seed : of the random numbers; drawn if absent, and recorded in the provenance.  The
            same energies and seed give the same events
        allow_extrapolation : permit energies outside ``energy_range``

        Returns
        -------
        A table of N events in the order of ``enu``.

        Raises
        ------
        EnergyRangeError
            if an energy lies outside the range of the model.
        """
        return self.sampler.sample(enu, seed=seed, allow_extrapolation=allow_extrapolation)

    @cached_property
    def sampler(self) -> Sampler:
        """The engine behind :meth:`sample`, also for streams of events."""
        from nugen_gan.sampler import Sampler

        return Sampler(self)

    def with_(self, **changes: Any) -> Model:
        """Return a copy with some attributes replaced."""
        return replace(self, **changes)

    def description(self) -> dict[str, Any]:
        """Everything but the weights, as plain values: the content of model.json."""
        from nugen_gan import __version__

        return {
            "format_version": FORMAT_VERSION,
            "nugen_gan_version": __version__,
            "name": self.name,
            "process": {"name": self.process.name, "probe": self.process.probe,
                        "target": self.process.target, "current": self.process.current},
            "units": {"energy": "GeV", "cross_section": "cm2 per nucleus"},
            "energy_range": list(self.energy_range),
            "architecture": self.architecture.as_dict(),
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
        from nugen_gan.card import model_card

        final = Path(folder)
        named = replace(self, name=self.name or final.name)
        check_new_folder(final, overwrite=overwrite)
        with atomic_directory(final) as temporary:
            _write_weights(named, temporary)
            record = json.dumps(named.description(), indent=1) + "\n"
            (temporary / DESCRIPTION).write_text(record, encoding="utf-8")
            (temporary / CARD).write_text(model_card(named.description()), encoding="utf-8")
            write_sums(temporary)
        return final


def check_new_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputError if ``folder`` exists and may not be replaced."""
    if not folder.exists():
        return
    if not (folder / DESCRIPTION).is_file() and (folder.is_file() or any(folder.iterdir())):
        raise OutputError(
            f"{folder} exists and is not a model folder: it is left alone. Choose another name."
        )
    if not overwrite and (folder / DESCRIPTION).is_file():
        raise OutputError(
            f"a model folder {folder} exists already. Choose another name, or replace it with "
            "--overwrite."
        )


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over the files of a model folder, as ``sha256sum`` prints them."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    lines = (f"{sha256(folder / name)}  {name}\n" for name in names)
    with output_errors(folder):
        (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _write_weights(model: Model, folder: Path) -> None:
    from safetensors.torch import save

    parts = {f"generator.{k}": v for k, v in model.generator.state_dict().items()}
    parts |= {f"classifier.{k}": v for k, v in model.classifier.state_dict().items()}
    parts |= {"scaling.mean": model.scaling.mean, "scaling.scale": model.scaling.scale}
    for name, tensors in ((GENERATOR, parts), (CRITIC, model.critic.state_dict())):
        plain = {k: v.detach().cpu().contiguous() for k, v in tensors.items()}
        (folder / name).write_bytes(save(plain, {"format": "pt"}))


def is_model(name_or_folder: str | os.PathLike[str]) -> bool:
    """True for a model folder and for the name of a bundled model."""
    return (Path(name_or_folder) / DESCRIPTION).is_file() or str(name_or_folder) in bundled_models()


def find_model(name_or_folder: str | os.PathLike[str]) -> Path:
    """Return the folder of a model; a folder of that name comes before a bundled model."""
    folder = Path(name_or_folder)
    if (folder / DESCRIPTION).is_file():
        return folder
    bundled = model_folder(str(name_or_folder))
    if bundled is not None:
        return bundled
    if folder.is_dir():
        raise ModelError(
            f"{folder} is not a model folder: it has no {DESCRIPTION}. A model folder is what "
            "'nugen-gan train -o FOLDER' leaves when it is complete."
        )
    known = ", ".join(bundled_models()) or "none"
    raise UsageError(
        f"model {str(name_or_folder)!r} is neither a folder nor a bundled model. "
        f"Bundled are: {known}."
    )


def read_description(folder: Path) -> dict[str, Any]:
    """Verify a model folder and return its model.json.

    Raises
    ------
    ModelError
        if a file is missing or altered, or the version is not known.
    """
    _verify(folder)
    try:
        record = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        version = record["format_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"model folder {folder}: {DESCRIPTION} is damaged ({error}).") from error
    if version != FORMAT_VERSION:
        raise ModelError(
            f"model folder {folder} has format version {version}; this version of nugen-gan "
            f"reads version {FORMAT_VERSION}. Use the version that wrote it: "
            f"{record.get('nugen_gan_version', 'unknown')}."
        )
    return dict(record)


def _verify(folder: Path) -> None:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model folder {folder}: {SUMS} cannot be read ({error}).") from error
    listed = {}
    for line in lines:
        expected, _, name = line.partition("  ")
        listed[name] = expected
    missing = {DESCRIPTION, GENERATOR, CRITIC} - listed.keys()
    if missing or any(Path(name).name != name for name in listed):
        raise ModelError(f"model folder {folder}: {SUMS} is damaged.")
    for name, expected in listed.items():
        if not (folder / name).is_file():
            raise ModelError(f"model folder {folder} is incomplete: {name} is missing.")
        if sha256(folder / name) != expected:
            raise ModelError(
                f"model folder {folder}: {name} is not the file that was saved there (its "
                f"SHA-256 differs from {SUMS}). Copy the folder again from where it came. If you "
                "changed the file on purpose, renew that line of the list with sha256sum."
            )


def load_model(name_or_folder: str | os.PathLike[str]) -> Model:
    """Load a model by the name of a bundled one or by its folder, and check all of it.

    Raises
    ------
    UsageError
        if there is no such model.
    ModelError
        if the folder is incomplete or altered.
    """
    folder = find_model(name_or_folder)
    record = read_description(folder)
    try:
        return _build(folder, record)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"model folder {folder} is damaged: {error}") from error


def _build(folder: Path, record: Mapping[str, Any]) -> Model:
    from nugen_gan.gan.channels import ChannelClassifier
    from nugen_gan.gan.features import FEATURES, Scaling
    from nugen_gan.gan.networks import Architecture, Critic, Generator

    architecture = Architecture(**record["architecture"])
    generator = Generator(architecture)
    critic = Critic(architecture, len(FEATURES))
    classifier = ChannelClassifier(tuple(record["channels"].values()))
    tensors = _read_weights(folder / GENERATOR)
    generator.load_state_dict(_part(tensors, "generator."))
    classifier.load_state_dict(_part(tensors, "classifier."))
    critic.load_state_dict(_read_weights(folder / CRITIC))
    sigma = record["cross_section"]
    low, high = record["energy_range"]
    return Model(
        process=Process(record["process"]["probe"], record["process"]["target"]),
        energy_range=(float(low), float(high)),
        architecture=architecture,
        generator=generator.eval().requires_grad_(False),
        critic=critic.eval().requires_grad_(False),
        scaling=Scaling(tensors["scaling.mean"], tensors["scaling.scale"]),
        classifier=classifier.eval().requires_grad_(False),
        cross_section=None if sigma is None else CrossSection.from_dict(sigma),
        training=record["training"],
        lineage=tuple(record["lineage"]),
        metrics=record["metrics"],
        name=record["name"],
        digest=sha256(folder / GENERATOR),
    )


def _read_weights(path: Path) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"weights {path} cannot be read: {error}") from error


def _part(tensors: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def describe(name_or_folder: str | os.PathLike[str]) -> str:
    """Return what a model is, in lines for the screen; needs no torch.

    Raises
    ------
    ModelError, UsageError
        as :func:`load_model`.
    """
    from nugen_gan.card import summary_lines

    folder = find_model(name_or_folder)
    record = read_description(folder)
    lines = [("model", record["name"]), ("folder", str(folder)), *summary_lines(record)]
    width = max(len(what) for what, _ in lines)
    return "\n".join(f"{what:<{width}}  {value}" for what, value in lines)
