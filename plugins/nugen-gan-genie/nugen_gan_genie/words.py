"""The words of gevgen: its options, with the ways in which people write them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nugen_gan.errors import UsageError

__all__ = ["Words", "understood"]

# Option -> its name here.
OPTIONS = {
    "-n": "events", "-r": "run", "--run": "run", "-e": "energy", "-p": "probe", "-t": "target",
    "-f": "flux", "-o": "output", "--seed": "seed", "--cross-sections": "splines",
    "--tune": "tune", "--event-generator-list": "generators",
    "--model": "model",
}  # fmt: skip
# Taken with their value, and of no meaning here.
IDLE = ("--message-thresholds", "--message_thresholds", "--xml-path", "--cache-file",
        "--event-record-print-level", "--mc-job-status-refresh-rate", "--unphysical-event-mask",
        "--input-flux-file-type", "-F")  # fmt: skip
FLAGS = ("--enable-bare-xsec-pre-calc", "--disable-bare-xsec-pre-calc", "--cc-only", "--restrict")
REFUSED = {
    "-w": "weighted events are not made: all weights are one",
    "--force-flux-ray-interaction": "events follow flux times cross section always",
}


@dataclass
class Words:
    """What was given.

    Attributes
    ----------
    values : text of each option that has a meaning here
    flags : switches that were given
    idle : options that were passed over
    """

    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    idle: list[str] = field(default_factory=list)

    def get(self, name: str, default: str | None = None) -> str | None:
        """The text of an option."""
        return self.values.get(name, default)

    def needed(self, name: str, word: str) -> str:
        """The same of an option that gevgen needs; UsageError if it was not given."""
        found = self.values.get(name)
        if found is None:
            raise UsageError(f"gevgen needs {word}")
        return found


def understood(words: Sequence[str]) -> Words:
    """Take the words apart.

    Raises
    ------
    UsageError
        for a word that gevgen does not have, or one that has no meaning for a model.
    """
    given, waiting = Words(), list(words)
    while waiting:
        word = waiting.pop(0)
        word, equals, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word in REFUSED:
            raise UsageError(f"{word}: {REFUSED[word]}")
        if word in FLAGS:
            given.flags.add(word)
            continue
        if word not in OPTIONS and word not in IDLE:
            raise UsageError(f"gevgen has no option {word!r}")
        if not equals:
            if not waiting:
                raise UsageError(f"{word} needs a value")
            value = waiting.pop(0)
        if word in IDLE:
            given.idle.append(word)
        else:
            given.values[OPTIONS[word]] = value
    return given
