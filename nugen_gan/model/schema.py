"""What may stand in a model.json: every entry that the program uses, with its kind and bounds.

A model folder may come from anywhere, and its digests only say that it is as somebody left it.  So
nothing of it is used before all of it was looked at.  Entries that are not known here are left
alone, as long as they are no larger or deeper than a model.json can be.
"""

from __future__ import annotations

import json
import math
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nugen_gan.errors import NugenError
from nugen_gan.gan.limits import ALLOWED, Allowed
from nugen_gan.hadrons.stored import hadron_problem
from nugen_gan.lepton.stored import lepton_problem
from nugen_gan.model import unstored
from nugen_gan.physics.process import Channel, Process

__all__ = ["LARGEST_RECORD", "parsed", "problem"]

LARGEST_RECORD = 8 * 2**20  # bytes
DEEPEST = 100  # lists within lists
# Steps one after the other, replicas, and entries of lists.
MOST_STEPS, MOST_REPLICAS, MOST_ENTRIES = 32, 1000, 100_000
LARGEST_ENERGY = 1e6  # GeV
LARGEST_CROSS_SECTION = 1e-30  # cm^2 per nucleus
# A shift of omega, and the mass of a lepton [GeV].
SHIFT, MASS = Allowed(-0.1, 0.1, whole=False), Allowed(1e-4, 2.0, whole=False)
SHARE = Allowed(0.0, 1.0, whole=False)
COUNT = Allowed(0, 2**63 - 1)
POSITIVE = Allowed(0.0, 1e300, whole=False)
NUMBER = Allowed(-1e300, 1e300, whole=False)
SIZES = {"members": "members", "width": "width", "blocks": "blocks"}
FLAGS = ("free", "hyperons", "continues")
# What older models lack; what it is for them stands in nugen_gan.model.unstored.
_LOG_RATIO, _WIDTH = Allowed(-100.0, 100.0, whole=False), Allowed(0.0, 1.0, whole=False)
SHAPE = {"rejected_from": _LOG_RATIO, "rejected_to": _LOG_RATIO, "rejection_weight": _LOG_RATIO,
         "largest": Allowed(0.0, 100.0, whole=False, open=True)}  # fmt: skip
REACH = {"down": _WIDTH, "up": _WIDTH, "spread": Allowed(0.0, 100.0, whole=False)}
STEP = {"softness": Allowed(0.0, 1.0, whole=False, open=True),
        "power": Allowed(0.0, 100.0, whole=False, open=True)}  # fmt: skip
ARCHITECTURE = {"width": "width", "blocks": "blocks", "latent": "latent",
                "critic_width": "width", "critic_blocks": "blocks"}  # fmt: skip


class _WrongError(Exception):
    """An entry that cannot be; the text says which and why."""


def parsed(text: str) -> dict[str, Any]:
    """Return the content of a model.json.

    Raises
    ------
    ValueError
        if it is no JSON object, too deep, or has numbers or characters that cannot be.
    """
    try:
        record = json.loads(text, parse_constant=_no_number)
    except RecursionError as error:
        raise ValueError(f"it is nested more than {DEEPEST} deep") from error
    if not isinstance(record, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004
    for value, depth in _values(record):
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("it has a number that is infinite")
        if isinstance(value, int) and abs(value) >= 2**64:
            raise ValueError("it has a number that is too large")
        if isinstance(value, str) and any(ord(c) < 32 and c not in "\t\n\r" for c in value):
            raise ValueError("it has a text with control characters")
    return record


def _no_number(word: str) -> float:
    raise ValueError(f"it has {word} where a number is needed")


def _values(record: Mapping[str, Any]) -> Iterator[tuple[Any, int]]:
    """All values of a record, and how deep they lie."""
    waiting: list[tuple[Any, int]] = [(record, 0)]
    while waiting:
        value, depth = waiting.pop()
        yield value, depth
        if depth > DEEPEST:
            continue
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]


def problem(record: Mapping[str, Any]) -> str | None:
    """Say what cannot be in the content of a model.json; None if all can."""
    try:
        for part in PARTS:
            part(record)
    except _WrongError as error:
        return str(error)
    return None


def _identity(record: Mapping[str, Any]) -> None:
    name = _text(record, "name", 255)
    if any(c in name for c in "/\\\n\r\t") or name in (".", ".."):
        raise _WrongError(f"name is {reprlib.repr(name)}: it must be the name of a folder")
    _text(record, "nugen_gan_version", 100)
    process = _object(record, "process")
    if process.get("current") != "cc":
        raise _WrongError(
            f"process.current is {reprlib.repr(process.get('current'))}; allowed: 'cc'"
        )
    numbers = [_whole(process, name, "process.") for name in ("probe", "target")]
    try:
        known = Process(numbers[0], numbers[1]).name
    except NugenError as error:
        raise _WrongError(f"process: {error}") from error
    if process.get("name") != known:
        raise _WrongError(
            f"process.name is {reprlib.repr(process.get('name'))}; its codes say {known}"
        )
    units = _object(record, "units")
    for name, unit in (("energy", "GeV"), ("cross_section", "cm2 per nucleus")):
        if units.get(name) != unit:
            raise _WrongError(f"units.{name} is {reprlib.repr(units.get(name))}; allowed: {unit!r}")
    _range(record, "energy_range")
    channels = _object(record, "channels")
    known_channels = {channel.name: int(channel) for channel in Channel}
    for name, code in channels.items():
        if name not in known_channels or known_channels[name] != code or isinstance(code, bool):
            raise _WrongError(
                f"channels: {reprlib.repr(name)} with code {reprlib.repr(code)} is none of "
                f"{known_channels}"
            )
    if not channels:
        raise _WrongError("channels is empty: a model has one or more")


def _proposal(record: Mapping[str, Any]) -> None:
    proposal = _object(record, "proposal")
    architecture = _object(proposal, "architecture")
    if architecture.keys() != ARCHITECTURE.keys():
        raise _WrongError(f"architecture needs {', '.join(ARCHITECTURE)}")
    for name, what in ARCHITECTURE.items():
        _within(architecture[name], ALLOWED[what], f"architecture.{name}")
    _range(proposal, "condition_range")
    _within(proposal.get("lepton_mass"), MASS, "proposal.lepton_mass")
    _within(proposal.get("smearing"), SHARE, "proposal.smearing")
    if "reach" in proposal:
        reach = _object(proposal, "reach")
        if reach.keys() != REACH.keys():
            raise _WrongError(f"proposal.reach needs {', '.join(REACH)}")
        _known(reach, REACH, "proposal.reach")


def _steps(record: Mapping[str, Any]) -> None:
    steps = _list(record, "steps", None, _any, MOST_STEPS)
    if not steps:
        raise _WrongError("steps is empty: a model has one or more")
    known = False
    for number, step in enumerate(steps):
        where = f"step {number}"
        needed = {"lepton_mass", "threshold_shift", "ratio"}
        if not isinstance(step, dict) or step.keys() - STEP.keys() != needed:
            raise _WrongError(f"{where} needs lepton_mass, threshold_shift, ratio")
        _known(step, STEP, where)
        _within(step["lepton_mass"], MASS, f"{where}.lepton_mass")
        _within(step["threshold_shift"], SHIFT, f"{where}.threshold_shift")
        if step["ratio"] is not None:
            _shape(step["ratio"], f"{where}.ratio", continues=known)
            known = True
    mass = Process(record["process"]["probe"], record["process"]["target"]).lepton_mass
    if not math.isclose(steps[-1]["lepton_mass"], mass, rel_tol=1e-4):
        raise _WrongError(
            f"step {len(steps) - 1}.lepton_mass is {steps[-1]['lepton_mass']}; the leptons of "
            f"{record['process']['name']} have {mass:.6g} GeV"
        )
    before = any(step["ratio"] is not None for step in steps[:-1])
    for number, shape in enumerate(_list(record, "replicas", None, _any, MOST_REPLICAS), 1):
        _shape(shape, f"replica {number}", continues=before)


def _shape(shape: Any, where: str, *, continues: bool) -> None:
    """The sizes of a density ratio; it continues those before it, if there are any."""
    if not isinstance(shape, dict):
        raise _WrongError(f"{where} is not an object with the sizes of a density ratio")
    for name, what in SIZES.items():
        _within(shape.get(name), ALLOWED[what], f"{where}.{name}")
    for name in FLAGS:
        if not isinstance(shape.get(name), bool):
            raise _WrongError(
                f"{where}.{name} is {reprlib.repr(shape.get(name))}; allowed: true, false"
            )
    _known(shape, SHAPE, where)
    if shape.keys() - {*SIZES, *FLAGS, *SHAPE}:
        raise _WrongError(f"{where} has not the entries of a density ratio")
    whole = {**unstored.SHAPE, **shape}
    if whole["rejected_to"] > whole["rejected_from"]:
        raise _WrongError(f"{where}.rejected_to must be below {where}.rejected_from")
    if shape["continues"] != continues:
        raise _WrongError(
            f"{where}.continues is {shape['continues']}, but there "
            f"{'are' if continues else 'are no'} ratios before it"
        )


def _known(record: Mapping[str, Any], entries: Mapping[str, Allowed], where: str) -> None:
    """Check those of the entries that are there."""
    for name, allowed in entries.items():
        if name in record:
            _within(record[name], allowed, f"{where}.{name}")


def _lepton(record: Mapping[str, Any]) -> None:
    """The fast sampler, which models before format version 10 do not have."""
    if record.get("lepton") is None:
        return
    wrong = lepton_problem(
        record["lepton"], list(record["channels"].values()), record["energy_range"],
        record["steps"][-1]["lepton_mass"],
    )  # fmt: skip
    if wrong is not None:
        raise _WrongError(wrong)


def _hadrons(record: Mapping[str, Any]) -> None:
    """The hadrons, which models of format version 8 do not have."""
    if record.get("hadrons") is None:
        return
    wrong = hadron_problem(record["hadrons"], record["process"]["name"])
    if wrong is not None:
        raise _WrongError(wrong)


def _sigma(record: Mapping[str, Any]) -> None:
    """The cross section, whose own class checks its bins."""
    if record.get("cross_section", "missing") is None:
        return
    sigma = _object(record, "cross_section")
    if sigma.get("unit") != "cm2 per nucleus":
        raise _WrongError(
            f"cross_section.unit is {reprlib.repr(sigma.get('unit'))}; allowed: 'cm2 per nucleus'"
        )
    value = _bounded(Allowed(0.0, LARGEST_CROSS_SECTION, whole=False), "cross_section")
    edges = _list(sigma, "edges_GeV", None, _bounded(Allowed(0.0, LARGEST_ENERGY, whole=False),
                                                     "cross_section.edges_GeV"))  # fmt: skip
    values = _list(sigma, "values", len(edges) - 1, value)
    _list(sigma, "errors", len(values), lambda x: None if x is None else value(x))
    if "at_edges" in sigma:
        _list(sigma, "at_edges", len(edges), value)
    if not isinstance(sigma.get("source", ""), str):
        raise _WrongError("cross_section.source is not a text")


def _training(record: Mapping[str, Any]) -> None:
    training = _object(record, "training")
    for name in ("events", "steps", "best_step", "seed"):
        if name in training:
            _within(training[name], COUNT, f"training.{name}")
    if "seconds" in training:
        _within(training["seconds"], POSITIVE, "training.seconds")
    for name in ("generator", "command", "sample_sha256", "base", "base_sha256", "torch"):
        if not isinstance(training.get(name) or "", str):
            raise _WrongError(f"training.{name} is not a text")
    for name in ("generator_parameters", "options", "recipe"):
        if not isinstance(training.get(name, {}), dict):
            raise _WrongError(f"training.{name} is not an object")
    for file in _list(training, "files", None, _any) if "files" in training else []:
        if not isinstance(file, dict):
            raise _WrongError("training.files has an entry that is not an object")
        _text(file, "name", 10_000, "training.files.")
        _text(file, "sha256", 200, "training.files.")
        _within(file.get("entries"), COUNT, "training.files.entries")


def _lineage(record: Mapping[str, Any]) -> None:
    for step in _list(record, "lineage", None, _any):
        if not isinstance(step, dict):
            raise _WrongError("lineage has a step that is not an object")
        for name in ("step", "process", "generator", "sample_sha256"):
            _text(step, name, 100_000, "lineage.")
        _within(step.get("events"), COUNT, "lineage.events")
        for name in ("base", "base_sha256"):
            if not isinstance(step.get(name) or "", str):
                raise _WrongError(f"lineage.{name} is not a text")
        if not all(isinstance(text, str) for text in _list({"notices": [], **step}, "notices",
                                                           None, _any)):  # fmt: skip
            raise _WrongError("lineage.notices has an entry that is not a text")


def _metrics(record: Mapping[str, Any]) -> None:
    metrics = _object(record, "metrics")
    if metrics.get("held_out_mean_squared_pull") is not None:
        pull = metrics["held_out_mean_squared_pull"]
        _within(pull, POSITIVE, "metrics.held_out_mean_squared_pull")
    for name in ("refiner", "channel_labels", "report", "quality"):
        if not isinstance(metrics.get(name, {}), dict):
            raise _WrongError(f"metrics.{name} is not an object")
    for name, value in metrics.get("channel_labels", {}).items():
        _within(value, NUMBER, f"metrics.channel_labels.{name}")
    for name in ("log_likelihood_gain", "error", "acceptance"):
        if name in metrics.get("refiner", {}):
            _within(metrics["refiner"][name], NUMBER, f"metrics.refiner.{name}")
    quality = metrics.get("quality")
    if quality is not None:
        _text(quality, "verdict", 100, "metrics.quality.")
        _text(quality, "reason", 10_000, "metrics.quality.")


def _object(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = record.get(name)
    if not isinstance(value, dict):
        raise _WrongError(f"{name} is {'missing' if value is None else 'not an object'}")
    return value


def _range(record: Mapping[str, Any], name: str) -> None:
    low, high = _list(record, name, 2, _energy)
    if low > high:
        raise _WrongError(f"{name} is {low:g} to {high:g} GeV: the smaller comes first")


def _text(record: Mapping[str, Any], name: str, longest: int, where: str = "") -> str:
    value = record.get(name)
    if not isinstance(value, str) or len(value) > longest:
        raise _WrongError(f"{where}{name} is not a text of up to {longest:,d} characters")
    return value


def _whole(record: Mapping[str, Any], name: str, where: str = "") -> int:
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _WrongError(f"{where}{name} is {reprlib.repr(value)}; a whole number is needed")
    return value


def _list(
    record: Mapping[str, Any],
    name: str,
    length: int | None,
    read: Callable[[Any], Any],
    longest: int = MOST_ENTRIES,
) -> list[Any]:
    value = record.get(name)
    if not isinstance(value, list):
        raise _WrongError(f"{name} is {'missing' if value is None else 'not a list'}")
    if len(value) > longest or (length is not None and len(value) != length):
        wanted = f"{length}" if length is not None else f"{longest:,d} at most"
        raise _WrongError(f"{name} has {len(value):,d} entries; needed: {wanted}")
    return [read(part) for part in value]


def _any(value: Any) -> Any:
    return value


def _energy(value: Any) -> float:
    _within(value, Allowed(0.0, LARGEST_ENERGY, whole=False, open=True), "an energy [GeV]")
    return float(value)


def _bounded(allowed: Allowed, where: str) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        _within(value, allowed, where)
        return float(value)

    return read


def _within(value: Any, allowed: Allowed, where: str) -> None:
    if not allowed.holds(value):
        raise _WrongError(f"{where} is {reprlib.repr(value)}; allowed: {allowed}")


PARTS = (_identity, _proposal, _steps, _lepton, _hadrons, _sigma, _training, _lineage, _metrics)
