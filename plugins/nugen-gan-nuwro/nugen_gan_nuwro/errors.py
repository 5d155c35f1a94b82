"""Errors with the exit codes that NuWro has for them.

Found by running NuWro 25.11: 11 a file to be included that is not there, 13 a line without ``=``,
14 an unknown parameter, 15 a bad value, 19 no active channel, 22 wrong usage, 30 a bad beam,
32 a bad target.
"""

from __future__ import annotations

from nugen_gan.errors import UsageError

__all__ = [
    "BadValueError",
    "BeamError",
    "IncludeError",
    "LineError",
    "NoChannelError",
    "TargetError",
    "UnknownNameError",
    "UsageTextError",
]


class IncludeError(UsageError):
    """A file to be included that cannot be read."""

    exit_code = 11


class LineError(UsageError):
    """A line that is neither a comment, an include nor ``name = value``."""

    exit_code = 13


class UnknownNameError(UsageError):
    """A parameter that NuWro does not have."""

    exit_code = 14


class BadValueError(UsageError):
    """A value that does not fit its parameter."""

    exit_code = 15


class NoChannelError(UsageError):
    """Every channel is off."""

    exit_code = 19


class UsageTextError(UsageError):
    """Words of the command line that do not make sense."""

    exit_code = 22


class BeamError(UsageError):
    """A beam that cannot be made."""

    exit_code = 30


class TargetError(UsageError):
    """A target that cannot be made."""

    exit_code = 32
