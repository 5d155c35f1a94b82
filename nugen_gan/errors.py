"""Errors that a user can cause.  The command line prints their text, never a traceback.

Each message says what was asked, what was found, what is allowed and what to do.
"""

from __future__ import annotations

__all__ = [
    "EmptySelectionError",
    "EnergyRangeError",
    "FormatError",
    "MissingExtraError",
    "ModelError",
    "NugenError",
    "OutputError",
    "PoorModelWarning",
    "UsageError",
]


class NugenError(Exception):
    """Base of all errors of this package.  ``exit_code`` is what the command line returns.

    Examples
    --------
    >>> import nugen_gan
    >>> try:
    ...     nugen_gan.load_model("numu_cc_C13")
    ... except nugen_gan.NugenError as error:
    ...     print(type(error).__name__, error.exit_code)
    UsageError 2
    """

    exit_code = 1


class UsageError(NugenError, ValueError):
    """The request itself makes no sense: a wrong name, unit, option or combination."""

    exit_code = 2


class EnergyRangeError(UsageError):
    """A neutrino energy outside the range on which a model was trained."""


class FormatError(NugenError, ValueError):
    """A file that is truncated, damaged, or not in a known dialect."""


class EmptySelectionError(NugenError, ValueError):
    """A readable file without a single usable event."""


class ModelError(NugenError, ValueError):
    """A model folder that is incomplete, altered, or of an unknown version."""


class PoorModelWarning(UserWarning):
    """Events were made with a model that its own held-out events call poor."""


class OutputError(NugenError, OSError):
    """A result that could not be written."""


class MissingExtraError(NugenError, ImportError):
    """An optional dependency that is not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(
            f"{purpose} needs the package {package!r}, which is not installed. "
            f"Install it with: pip install 'nugen-gan[{extra}]'"
        )
