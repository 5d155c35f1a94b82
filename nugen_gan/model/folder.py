"""The folder that a model lives in: its files, what verifies them, what is wrong with them.

``model.json`` (everything but the weights), ``generator.safetensors`` (generator, channel
classifier, scaling), ``critic.safetensors`` (needed only to fine-tune), ``lepton.safetensors`` (the
fast sampler) and ``hadrons.safetensors`` where it has them, ``README.md`` (the model card) and
``SHA256SUMS``, which loading verifies.  Nothing in it is ever unpickled.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nugen_gan.errors import ModelError, OutputError, UsageError
from nugen_gan.gan.definition import FeatureDefinition
from nugen_gan.gan.finite import not_finite
from nugen_gan.model.card import model_card, summary_lines
from nugen_gan.model.schema import LARGEST_RECORD, parsed, problem
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.storage.atomic import atomic_directory, exists_text, output_errors, sha256
from nugen_gan.storage.bundled import MODELS, bundled_models, model_folder

__all__ = [
    "CRITIC",
    "FORMAT_VERSION",
    "GENERATOR",
    "HADRONS",
    "LEPTON",
    "check_new_folder",
    "check_place",
    "describe",
    "find_model",
    "is_model",
    "read_arrays",
    "read_description",
    "read_weights",
    "write_folder",
    "write_sums",
]

# Version 10 may have a fast sampler, version 9 hadrons; 8 is a model of the lepton alone.
FORMAT_VERSION, READABLE = 10, (8, 9, 10)
HADRONS_SINCE, LEPTON_SINCE = 9, 10
DESCRIPTION, CARD, SUMS = "model.json", "README.md", "SHA256SUMS"
GENERATOR, CRITIC = "generator.safetensors", "critic.safetensors"
LEPTON, HADRONS = "lepton.safetensors", "hadrons.safetensors"
# Larger files [bytes], and more of them, than any model has are not even read.
LARGEST = {DESCRIPTION: LARGEST_RECORD, CARD: 2**24, SUMS: 2**16,
           GENERATOR: 2**29, CRITIC: 2**29, LEPTON: 2**27, HADRONS: 2**27}  # fmt: skip
LARGEST_OTHER, MOST_FILES = 2**24, 100


def write_folder(
    folder: Path,
    record: Mapping[str, Any],
    weights: Mapping[str, Mapping[str, Any]],
    *,
    overwrite: bool,
) -> None:
    """Write a model folder; it appears under its name only when complete.

    Parameters
    ----------
    folder : to write
    record : content of model.json
    weights : file name -> name of tensor -> tensor
    overwrite : replace an existing model folder

    Raises
    ------
    OutputError
        if the folder exists (unless ``overwrite``) or cannot be written.
    """
    check_new_folder(folder, overwrite=overwrite)
    with atomic_directory(folder) as temporary:
        for name, tensors in weights.items():
            _write_weights(temporary / name, tensors)
        text = json.dumps(record, indent=1) + "\n"
        (temporary / DESCRIPTION).write_text(text, encoding="utf-8")
        (temporary / CARD).write_text(model_card(record), encoding="utf-8")
        write_sums(temporary)


def _write_weights(path: Path, tensors: Mapping[str, Any]) -> None:
    import numpy as np
    from safetensors import numpy as of_numpy
    from safetensors import torch as of_torch

    if all(isinstance(value, np.ndarray) for value in tensors.values()):
        path.write_bytes(of_numpy.save(dict(tensors)))
        return
    plain = {name: value.detach().cpu().contiguous() for name, value in tensors.items()}
    path.write_bytes(of_torch.save(plain, {"format": "pt"}))


def read_weights(path: Path) -> dict[str, Any]:
    """Return the tensors of a safetensors file by name; raises ModelError if it is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"weights {path} cannot be read: {error}") from error


def read_arrays(path: Path) -> dict[str, Any]:
    """The same as arrays, without torch."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"weights {path} cannot be read: {error}") from error


def check_new_folder(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputError if ``folder`` exists and may not be replaced."""
    with output_errors(folder):
        # A link to nowhere, or to itself, is no place for a folder either.
        if not folder.exists() and not folder.is_symlink():
            return
        listed = list(folder.iterdir()) if folder.is_dir() else [folder]
    if not (folder / DESCRIPTION).is_file() and listed:
        raise OutputError(
            f"{folder} exists and is not a model folder: it is left alone. Choose another name."
        )
    if not overwrite and (folder / DESCRIPTION).is_file():
        raise OutputError(exists_text(folder))


def check_place(folder: Path, *, overwrite: bool) -> None:
    """Raise OutputError at once if a model folder could not be written here later.

    For long work whose result is written at its end; writes nothing.
    """
    check_new_folder(folder, overwrite=overwrite)
    parent = folder.absolute().parent
    with output_errors(folder):
        if not parent.exists():
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        if not parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "Not a directory")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "Permission denied")


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over the files of a model folder, as ``sha256sum`` prints them."""
    names = sorted(path.name for path in folder.iterdir() if path.is_file() and path.name != SUMS)
    lines = (f"{sha256(folder / name)}  {name}\n" for name in names)
    with output_errors(folder):
        (folder / SUMS).write_text("".join(lines), encoding="utf-8")


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
        if a file is missing or altered, no regular file or too large, if the version is not known,
        or an entry of model.json cannot be.
    """
    _verify(folder)
    try:
        record = parsed((folder / DESCRIPTION).read_text(encoding="utf-8"))
        version = record["format_version"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"model folder {folder}: {DESCRIPTION} is damaged ({error}).") from error
    if version not in READABLE:
        raise ModelError(
            f"model folder {folder} has format version {version}; this version of nugen-gan "
            f"reads versions {READABLE[0]} to {READABLE[-1]}. Use the version that wrote it: "
            f"{record.get('nugen_gan_version', 'unknown')}."
        )
    wrong = problem(record)
    for what, name, since in (
        ("hadrons", HADRONS, HADRONS_SINCE),
        ("lepton", LEPTON, LEPTON_SINCE),
    ):
        speaks, there = bool(record.get(what)), (folder / name).is_file()
        if wrong is None and (speaks != there or (speaks and version < since)):
            wrong = f"it {'speaks' if speaks else 'does not speak'} of {what}, but {name} is " + (
                "there" if there else "missing"
            )
    if wrong is not None:
        raise ModelError(
            f"model folder {folder}: {DESCRIPTION} is not that of a model: {wrong}. Copy the "
            "folder again from where it came, or make the model anew."
        )
    return record


def _verify(folder: Path) -> None:
    _check_file(folder, SUMS)
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"model folder {folder}: {SUMS} cannot be read ({error}).") from error
    listed = {}
    for line in lines:
        expected, _, name = line.partition("  ")
        listed[name] = expected
    missing = {DESCRIPTION, GENERATOR, CRITIC} - listed.keys()
    wrong = any(Path(name).name != name or "\0" in name for name in listed)
    if missing or wrong or len(listed) > MOST_FILES:
        raise ModelError(f"model folder {folder}: {SUMS} is damaged.")
    for name in listed:
        _check_file(folder, name)
    for name, expected in listed.items():
        if sha256(folder / name) != expected:
            raise ModelError(
                f"model folder {folder}: {name} is not the file that was saved there (its "
                f"SHA-256 differs from {SUMS}). Copy the folder again from where it came. If you "
                "changed the file on purpose, renew that line of the list with sha256sum."
            )


def _check_file(folder: Path, name: str) -> None:
    """Raise ModelError unless this is a regular file of the folder, and not too large to be it."""
    path, most = folder / name, LARGEST.get(name, LARGEST_OTHER)
    try:
        found = path.stat()
        # Installers may link the files of bundled models to a store of their own.
        inside = folder.parent == MODELS or path.resolve().parent == folder.resolve()
    except FileNotFoundError as error:
        raise ModelError(f"model folder {folder} is incomplete: {name} is missing.") from error
    except (OSError, RuntimeError, ValueError) as error:
        raise ModelError(f"model folder {folder}: {name} cannot be read ({error}).") from error
    if not stat.S_ISREG(found.st_mode):
        raise ModelError(f"model folder {folder}: {name} is not a regular file.")
    if not inside:
        raise ModelError(
            f"model folder {folder}: {name} is a link to {path.resolve()}, outside the folder. "
            "Copy that file into the folder if you trust it."
        )
    if found.st_size > most:
        raise ModelError(
            f"model folder {folder}: {name} has {found.st_size:,d} bytes; a model's has "
            f"{most:,d} at most."
        )


def _check_whole(folder: Path, record: Mapping[str, Any]) -> None:
    """Raise ModelError where loading would, as far as that can be told without torch."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        FeatureDefinition.from_dict(record["features"])
        if record["cross_section"] is not None:
            CrossSection.from_dict(record["cross_section"])
        optional = {"lepton": LEPTON, "hadrons": HADRONS}
        names = (GENERATOR, CRITIC, *(optional[what] for what in optional if record.get(what)))
        for name in names:
            if wrong := not_finite(load_file(folder / name)):
                raise ValueError(f"{name}: {wrong}")
    except (KeyError, TypeError, ValueError, OSError, SafetensorError, UsageError) as error:
        raise ModelError(f"model folder {folder} is damaged: {error}") from error


def describe(name_or_folder: str | os.PathLike[str]) -> str:
    """Return what a model is, in lines for the screen; needs no torch.

    Raises
    ------
    ModelError, UsageError
        as :func:`load_model`.
    """
    folder = find_model(name_or_folder)
    record = read_description(folder)
    _check_whole(folder, record)
    lines = [("model", record["name"]), ("folder", str(folder)), *summary_lines(record)]
    width = max(len(what) for what, _ in lines)
    return "\n".join(f"{what:<{width}}  {value}" for what, value in lines)
