"""What comes with the package: models, and samples to try them on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nugen_gan.process import Process

__all__ = [
    "MODELS",
    "bundled_models",
    "bundled_samples",
    "model_folder",
    "nearer_bases",
    "sample_file",
    "sample_of",
]

MODELS = Path(__file__).parent / "models"
_SAMPLES = Path(__file__).parent / "samples"
_SUFFIX = ".table.root"


def bundled_models() -> list[str]:
    """Names of the bundled models."""
    return sorted(path.parent.name for path in MODELS.glob("*/model.json"))


def model_folder(name: str) -> Path | None:
    """Folder of a bundled model, or None."""
    return MODELS / name if name in bundled_models() else None


def bundled_samples() -> list[str]:
    """Names of the bundled event tables."""
    return sorted(path.name.removesuffix(_SUFFIX) for path in _SAMPLES.glob(f"*{_SUFFIX}"))


def sample_file(name: str) -> Path | None:
    """File of a bundled event table, or None."""
    return _SAMPLES / f"{name}{_SUFFIX}" if name in bundled_samples() else None


def nearer_bases(base: str, process: Process) -> list[str]:
    """Names of bundled models that are nearer to a process than a base is.

    One of the same probe is nearer than one of the same target, and that nearer than any other.

    Parameters
    ----------
    base : name of the process that the base is of, such as ``numu_cc_C12``
    process : of the events
    """
    own = _nearness(base, process)
    found = {name: _nearness(_process_of(name), process) for name in bundled_models()}
    best = max(found.values(), default=own)
    return [name for name, near in found.items() if near == best > own]


def _nearness(name: str, process: Process) -> int:
    probe, _, target = name.partition("_cc_")
    ours, _, wanted = process.name.partition("_cc_")
    return 2 * (probe == ours) + (target == wanted)


def _process_of(name: str) -> str:
    from nugen_gan.model_folder import read_description

    return str(read_description(MODELS / name)["process"]["name"])


def sample_of(process: str) -> str | None:
    """Name of the bundled event table of a process such as ``numu_cc_Ar40``, or None."""
    name = f"{process}_sample"
    return name if name in bundled_samples() else None
