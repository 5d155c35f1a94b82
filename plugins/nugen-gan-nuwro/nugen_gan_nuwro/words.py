"""The command line: NuWro's pairs of words, and a few options more."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nugen_gan_nuwro.dynamics import CC_ONLY
from nugen_gan_nuwro.errors import UsageTextError
from nugen_gan_nuwro.models import ACCEPT

__all__ = ["USAGE", "Words", "read_words"]

EXTRAPOLATE = "NUGEN_ALLOW_EXTRAPOLATION"
SWITCHES = {
    "--cc-only": CC_ONLY, "--accept-differences": ACCEPT, "--allow-extrapolation": EXTRAPOLATE,
}  # fmt: skip
USAGE = f"""\
usage: nugen-nuwro [-i params.txt] [-o eventsout.root] [-p 'name = value']... [options]
       nugen-nuwro -v | --version | -h | --help

NuWro's command line, parameter files and output, with models of nugen-gan instead of NuWro.

  -i FILE                parameter file; params.txt if absent
  -o FILE                file of events; eventsout.root if absent.  FILE.par and FILE.txt go beside
  -p 'name = value'      a line to be read after the file; may be repeated, may be '@file'
  -progress FILE         taken and ignored

Beyond NuWro's own:
  --cc-only              make the charged-current part where neutral currents are on ({CC_ONLY}=1)
  --allow-extrapolation  permit a flux beyond the energies of the model ({EXTRAPOLATE}=1)
  --accept-differences   take a model whose switches differ ({ACCEPT}=1)
  --model NAME           a model of nugen-gan, or its folder; may be repeated
  --no-hadrons           make the charged lepton alone, which is faster

The output replaces an older file of that name, as NuWro's does.
"""


@dataclass(slots=True)
class Words:
    """What was asked for.

    Attributes
    ----------
    card, output : names of files
    lines : of ``-p``
    models : of ``--model``
    cc_only, accept, extrapolate, no_hadrons : options
    """

    card: Path = Path("params.txt")
    output: Path = Path("eventsout.root")
    lines: list[str] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    cc_only: bool = False
    accept: bool = False
    extrapolate: bool = False
    no_hadrons: bool = False


def read_words(given: Sequence[str]) -> Words:
    """Understand a command line.

    Raises
    ------
    UsageTextError
        if it is none of NuWro's.
    """
    found = Words()
    on = {word for word, variable in SWITCHES.items() if os.environ.get(variable, "0") == "1"}
    words = list(given)
    while words:
        word = words.pop(0)
        if word in SWITCHES:
            on.add(word)
        elif word == "--no-hadrons":
            found.no_hadrons = True
        elif word in ("-i", "-o", "-p", "-progress", "--model"):
            if not words or words[0].startswith("-"):
                raise UsageTextError(f"{word} needs a value behind it\n\n{USAGE}")
            _take(found, word, words.pop(0))
        else:
            raise UsageTextError(f"{word!r} is not understood\n\n{USAGE}")
    found.cc_only = "--cc-only" in on
    found.accept = "--accept-differences" in on
    found.extrapolate = "--allow-extrapolation" in on
    return found


def _take(found: Words, word: str, value: str) -> None:
    if word == "-i":
        found.card = Path(value)
    elif word == "-o":
        if not value or value.endswith("/"):
            raise UsageTextError(f"-o {value!r} names no file\n\n{USAGE}")
        found.output = Path(value if value.endswith(".root") else f"{value}.root")
    elif word == "-p":
        found.lines.append(value)
    elif word == "--model":
        found.models.append(value)
