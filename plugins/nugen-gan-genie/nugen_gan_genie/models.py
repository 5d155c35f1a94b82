"""The model of each nucleus, and how its training fits the tune that was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nugen_gan.errors import UsageError
from nugen_gan.model.folder import find_model, read_description
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.physics.process import Process
from nugen_gan.storage.bundled import bundled_models

__all__ = ["ACCEPT", "Chosen", "choose_models"]

# The variable that stands for --accept-tune.
ACCEPT = "NUGEN_ACCEPT_TUNE"
# What GENIE 3 takes where no tune is asked for.
DEFAULT_TUNE = "G18_02a_00_000"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that was chosen.

    Attributes
    ----------
    model : itself
    generator, tune : that it was trained on; "" where it is none of GENIE's
    warning : how that differs from what was asked for, in words; "" if it does not
    """

    model: Model
    generator: str
    tune: str
    warning: str

    def __str__(self) -> str:
        return f"{self.model.name} ({self.model.process}, trained on {self.generator or '?'})"


def choose_models(
    wanted: Mapping[Process, str], tune: str | None, given: Sequence[str], *, accept: bool
) -> dict[Process, Chosen]:
    """Choose a model for each process: one named, else one of GENIE with the tune, else another.

    Parameters
    ----------
    wanted : the processes, each with what part of the target it is, in words
    tune : that was asked for; None if none was
    given : models or folders that were named
    accept : take a model of another tune or generator although one was asked for

    Raises
    ------
    UsageError
        if there is no model of some processes, all of which are named, or none of the tune.
    """
    candidates = _candidates(given)
    missing = [process for process in wanted if process not in candidates]
    if missing:
        lacks = ", ".join(f"{process} ({wanted[process]})" for process in missing)
        raise UsageError(
            f"there is no model of {lacks}. There are models of "
            f"{', '.join(map(str, candidates))}. Make one from events of that process, 1,000 or "
            "more (nugen-gan finetune EVENTS -o my_model), and give it with --model my_model; or "
            "leave that nucleus out of -t"
        )
    lists = _of_one_generator([candidates[process] for process in wanted])
    return {
        process: _choose(process, names, tune, accept)
        for process, names in zip(wanted, lists, strict=True)
    }


def _of_one_generator(lists: list[list[str]]) -> list[list[str]]:
    """Names of models of each nucleus, of one generator where there is one that has them all."""
    families = [{_family(name) for name in names} for names in lists]
    common = set.intersection(*families)
    # GENIE's first, where it has them all.
    for family in sorted(common, key=lambda family: (family != "GENIE", family)):
        return [[n for n in names if _family(n) == family] for names in lists]
    return lists


def _candidates(given: Sequence[str]) -> dict[Process, list[str]]:
    found: dict[Process, list[str]] = {}
    for name in bundled_models():
        found.setdefault(_process(read_description(find_model(name))), []).append(name)
    own: dict[Process, list[str]] = {}
    for name in given:
        own.setdefault(_process(read_description(find_model(name))), []).append(name)
    return found | own


def _process(record: Mapping[str, Any]) -> Process:
    return Process(record["process"]["probe"], record["process"]["target"])


def _training(name: str) -> tuple[str, str]:
    """Generator and tune of a model."""
    training = read_description(find_model(name))["training"]
    settings = training.get("settings") or {}
    return str(training.get("generator") or ""), str(settings.get("tune") or "")


def _family(name: str) -> str:
    """The generator without its version."""
    return (_training(name)[0].split() or [""])[0]


def _choose(process: Process, names: Sequence[str], tune: str | None, accept: bool) -> Chosen:
    def rank(name: str) -> tuple[bool, bool, bool]:
        generator, own = _training(name)
        return own != (tune or own), not generator.startswith("GENIE"), name != process.name

    name = min(names, key=rank)
    generator, own = _training(name)
    said = f"the model {name} of {process} was trained on {generator or 'an unnamed generator'}"
    if tune is not None and own != tune:
        problem = f"--tune {tune} was asked for, and {said}"
        if not accept:
            raise UsageError(
                f"{problem}. Fine-tune a model on events of that tune (nugen-gan finetune EVENTS) "
                "and give it with --model; or leave out --tune; or insist with --accept-tune (or "
                f"{ACCEPT}=1), and the events follow the model"
            )
        warning = f"{problem}: THE EVENTS FOLLOW THE MODEL, NOT THE TUNE"
    elif tune is None and own != DEFAULT_TUNE:
        warning = (
            f"no --tune was given, of which GENIE takes {DEFAULT_TUNE}; {said}, which the events "
            "follow"
        )
    else:
        warning = ""
    model = load_model(name)
    warn_if_poor(model.name, model.metrics)
    return Chosen(model, generator, own, warning)
