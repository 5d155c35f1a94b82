"""The model of each probe and nucleus: the bundled one that was trained with these switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nugen_gan.errors import UsageError
from nugen_gan.model.folder import find_model, read_description
from nugen_gan.model.model import Model, load_model
from nugen_gan.model.quality import warn_if_poor
from nugen_gan.physics.process import Process
from nugen_gan.storage.bundled import bundled_models
from nugen_gan_nuwro.cards import Card
from nugen_gan_nuwro.settings import Difference, differences, listed

__all__ = ["ACCEPT", "Chosen", "choose_models"]

# The variable that stands for --accept-differences.
ACCEPT = "NUGEN_ACCEPT_DIFFERENCES"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A model that was chosen.

    Attributes
    ----------
    model : itself
    generator : that it was trained on
    found : switches in which it differs from the run
    """

    model: Model
    generator: str
    found: tuple[Difference, ...]

    def __str__(self) -> str:
        words = f"{self.model.name} ({self.model.process}, trained on {self.generator or '?'})"
        if not self.model.settings:
            return f"{words}; its switches are not known"
        if not self.generator.startswith("NuWro"):
            return f"{words}; its switches are none of NuWro's and cannot be compared"
        if self.found:
            return f"{words}; ITS SWITCHES DIFFER: {listed(list(self.found))}"
        return f"{words}; its switches are those of the run"


def choose_models(
    wanted: Mapping[Process, str], card: Card, given: Sequence[str], *, accept: bool
) -> dict[Process, Chosen]:
    """Choose a model for each process.

    Parameters
    ----------
    wanted : the processes, each with what part of the run it is, in words
    card : the run
    given : models or folders that were named; they are taken for their process
    accept : also take a model whose switches differ

    Raises
    ------
    UsageError
        if there is no model of some processes, all of which are named, or a switch differs.
    """
    candidates = _candidates(given)
    missing = [process for process in wanted if process not in candidates]
    if missing:
        lacks = ", ".join(f"{process} ({wanted[process]})" for process in missing)
        known = ", ".join(f"{process}" for process in candidates)
        raise UsageError(
            f"there is no model of {lacks}. There are models of {known}. Make one from events of "
            "that process, 1,000 or more (nugen-gan finetune EVENTS -o my_model), and give it with "
            "--model my_model; or leave that part out of the beam or the target"
        )
    return {process: _choose(process, candidates[process], card, accept) for process in wanted}


def _candidates(given: Sequence[str]) -> dict[Process, list[str]]:
    """Names of models by process; those given come alone, bundled ones if NuWro's."""
    bundled: dict[Process, list[str]] = {}
    for name in bundled_models():
        process, generator = _described(name)
        if generator.startswith("NuWro"):
            bundled.setdefault(process, []).append(name)
    own: dict[Process, list[str]] = {}
    for name in given:
        own.setdefault(_described(name)[0], []).append(name)
    return bundled | own


def _described(name: str) -> tuple[Process, str]:
    record = read_description(find_model(name))
    process = Process(record["process"]["probe"], record["process"]["target"])
    return process, str(record["training"].get("generator") or "")


def _choose(process: Process, names: Sequence[str], card: Card, accept: bool) -> Chosen:
    ranked: list[tuple[int, int, str, list[Difference]]] = []
    for name in names:
        record = read_description(find_model(name))
        settings = record["training"].get("settings") or {}
        found = differences(
            card, settings, antineutrino=process.is_antineutrino, free=process.a == 1
        )
        ranked.append((len(found), len(ranked), name, found))
    ranked.sort(key=lambda entry: entry[:2])
    _, _, name, found = ranked[0]
    if found and not accept:
        others = [f"{other} differs in {number}" for number, _, other, _ in ranked[1:]]
        raise UsageError(
            f"the switches of this run are not those of the model {name} of {process}: "
            f"{listed(found)}"
            f"{'. The model ' + ', '.join(others) if others else ''}. Set them to the model's "
            f"values, as in -p '{found[0].name}={_plain(found[0].known)}'; or fine-tune a model on "
            "events with yours (nugen-gan finetune) and give it with --model; or insist with "
            f"--accept-differences (or {ACCEPT}=1), and the events follow the model"
        )
    model = load_model(name)
    warn_if_poor(model.name, model.metrics)
    return Chosen(model, _described(name)[1], tuple(found))


def _plain(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
