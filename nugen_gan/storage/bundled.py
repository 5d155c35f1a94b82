"""What comes with the package: models, and samples to try them on."""

from __future__ import annotations

from pathlib import Path

__all__ = [
    "MODELS",
    "bundled_models",
    "bundled_samples",
    "model_folder",
    "sample_file",
    "sample_of",
]

MODELS = Path(__file__).parents[1] / "data" / "models"
_SAMPLES = Path(__file__).parents[1] / "data" / "samples"
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


def sample_of(process: str) -> str | None:
    """Name of the bundled event table of a process such as ``numu_cc_Ar40``, or None."""
    name = f"{process}_sample"
    return name if name in bundled_samples() else None
