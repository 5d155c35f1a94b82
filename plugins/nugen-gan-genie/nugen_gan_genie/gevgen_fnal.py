"""The executable ``nugen-gevgen_fnal``: says how the same is done with a library of events."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nugen_gan.cli.program import exit_code
from nugen_gan.errors import UsageError

__all__ = ["main"]


def main(words: Sequence[str] | None = None) -> None:
    """Refuse, with the way to go, and exit with 2."""
    sys.exit(exit_code("nugen-gevgen_fnal", _run, words))


def _run(words: Sequence[str]) -> int:
    raise UsageError(
        "neutrinos of a beam simulation (dk2nu, gnumi, gsimple) and a detector's geometry are "
        "GENIE's own business, which nothing here replaces. Make a library of events for each "
        "neutrino and nucleus, nugen-evtlib -p 14 -t 1000180400 -n 1e6 -e 0.2,20, and let GENIE's "
        "gevgen_fnal replay it: the same options with --tune EX00_00a_00_000 and the libraries in "
        "its CommonParam.xml"
    )
