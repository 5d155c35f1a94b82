"""The model card: what a model is, what it was trained on, how good it is, how to remake it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nugen_gan.events.generator_settings import settings_lines
from nugen_gan.hadrons.content import NUCLEONS, PIONS
from nugen_gan.model.quality import quality_line
from nugen_gan.physics import species

__all__ = ["model_card", "summary_lines"]

# What a card says of a model of whole events, and of one of the lepton alone: what else there is,
# what it stands in for, and what it does not do.
WHOLE = (
    ", and a chain of learned conditionals for the hadrons that leave the nucleus",
    "events",
    "Particles that are not in its list are not made; photons of nuclear de-excitation are made "
    "only if the generator makes them. The nuclear remnant follows from conservation.",
)
ALONE = (
    ", inclusive in the hadrons",
    "lepton kinematics",
    "It makes no hadrons: selections on pions or protons mean nothing here.",
)


def summary_lines(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return pairs (what, value) that sum up a model.json."""
    low, high = record["energy_range"]
    training, sigma = record["training"], record["cross_section"]
    lines = [
        ("process", f"{record['process']['name']} (probe {record['process']['probe']}, "
                    f"target {record['process']['target']})"),
        ("neutrino energy", f"{low:g} to {high:g} GeV"),
        ("channels", ", ".join(record["channels"])),
        ("trained on", f"{training.get('events', 0):,d} events of "
                       f"{training.get('generator') or 'an unnamed generator'}"),
        *settings_lines(training.get("settings") or {}),
        ("training", _training_line(training)),
        ("cross section", _sigma_line(sigma)),
        ("version", f"written by nugen-gan {record['nugen_gan_version']}"),
    ]  # fmt: skip
    lines += _part_lines(record)
    for step in record["lineage"]:
        lines.append(("lineage", _lineage_line(step)))
        lines += [("note", text) for text in step.get("notices", ())]
    pull = record["metrics"].get("held_out_mean_squared_pull")
    if pull is not None:
        lines.append(("held-out events", f"mean squared pull {pull:.3f} (1 is perfect)"))
    quality = quality_line(record["metrics"])
    if quality is not None:
        lines.append(("quality", quality))
    return lines + [
        (name, str(value)) for name, value in record["metrics"].get("report", {}).items()
    ]


def _training_line(training: Mapping[str, Any]) -> str:
    steps = training.get("steps", 0)
    what = f"{steps:,d} steps" if steps else "networks as they were, their events chosen anew,"
    return f"{what} in {training.get('seconds', 0.0) / 60:.1f} minutes, seed {training.get('seed')}"


def _part_lines(record: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the model has beside its networks: a base, density ratios, replicas."""
    lines, training = [], record["training"]
    if training.get("base") is not None:
        lines.append(("base", _named(training["base"], training.get("base_sha256", ""))))
    if any(step["ratio"] for step in record["steps"]):
        text = "accepts the generator's events by a learned density ratio"
        found = record["metrics"].get("refiner", {})
        if "log_likelihood_gain" in found:
            text += (f", log likelihood {found['log_likelihood_gain']:+.4f} "
                     f"+- {found['error']:.4f} per event")  # fmt: skip
        if "acceptance" in found:
            text += f", {found['acceptance']:.0%} of them"
        lines.append(("refiner", text))
    if record.get("lepton"):
        lines.append(("fast sampler", _fast_line(training.get("recipe", {}).get("fast_sampler"))))
    hadrons = record.get("hadrons")
    lines.append(
        ("hadrons", _hadrons_line(hadrons, training) if hadrons else "none: the lepton alone")
    )
    shifts = [step["threshold_shift"] for step in record["steps"][1:]]
    if any(shifts):
        said = ", ".join(f"{-1e3 * by:+.1f}" for by in shifts)
        lines.append(("threshold", f"the base's events are shifted in omega, {said} MeV"))
    if record.get("replicas"):
        lines.append(("uncertainty", f"{len(record['replicas'])} bootstrap replicas"))
    return lines


def _fast_line(recipe: Mapping[str, Any] | None) -> str:
    learned = f" from {recipe['events']:,d} of their proposals" if recipe else ""
    return f"makes the leptons of these networks without rejecting any, learned{learned}"


def _hadrons_line(hadrons: Mapping[str, Any], training: Mapping[str, Any]) -> str:
    rare = hadrons["catalogue"]["codes"]
    names = ", ".join(species.name_of(code) for code in (*PIONS, *NUCLEONS, *rare))
    lost = sum(hadrons["left_out"].values())
    events = training.get("recipe", {}).get("hadrons", {}).get("events")
    origin = f"{events:,d} events" if isinstance(events, int) else "the training events"
    return (
        f"{names}; learned from {origin}, of which {lost:.2%} have other particles, or more energy "
        "in them than there is, and are not made"
    )


def _lineage_line(step: Mapping[str, Any]) -> str:
    text = (
        f"{step['step']}: {step['events']:,d} events of {step['process']}, "
        f"{step['generator'] or 'unnamed generator'}, sample {step['sample_sha256'][:12]}"
    )
    if step.get("base") is None:
        return text
    return f"{text}, from {_named(step['base'], step.get('base_sha256', ''))}"


def _named(name: str, digest: str) -> str:
    """A model by its name and the beginning of the digest of its weights."""
    return (name or "an unnamed model") + (f" ({digest[:12]})" if digest else "")


def _sigma_line(sigma: Mapping[str, Any] | None) -> str:
    if sigma is None:
        return "not known: shapes only"
    edges = sigma["edges_GeV"]
    kind = f"at {len(edges)} points" if sigma.get("at_edges") else f"in {len(edges) - 1} bins"
    return f"{edges[0]:g} to {edges[-1]:g} GeV {kind}, cm2 per nucleus, from {sigma['source']}"


def model_card(record: Mapping[str, Any]) -> str:
    """Return the card of a model as Markdown; ``record`` is the content of its model.json."""
    more, what, limits = WHOLE if record.get("hadrons") else ALONE
    rows = "\n".join(f"| {name} | {value} |" for name, value in summary_lines(record))
    training = record["training"]
    files = "\n".join(
        f"- `{entry['name']}`, {entry['entries']:,d} entries, SHA-256 `{entry['sha256']}`"
        for entry in training.get("files", ())
    )
    sections = [
        f"# {record['name']}",
        f"A conditional GAN for the charged lepton of charged-current neutrino scattering{more}. "
        "Made with nugen-gan.",
        f"| | |\n|---|---|\n{rows}",
        "## Use\n\n```\n"
        f"nugen-gan generate {record['name']} -n 100000 --energy 1\n```\n\n"
        f"It stands in for the {what} of the generator it was trained on, within its energy "
        f"range. {limits}",
        f"## Training sample\n\n{files or 'not recorded'}",
        f"Digest of the selected events: `{training.get('sample_sha256', 'not recorded')}`.",
        f"## To make it again\n\n```\n{_commands(record)}\n```\n\n"
        "Weights agree to the bit on the same kind of processor with the same version of torch "
        "and as many threads, and statistically elsewhere.",
    ]
    return "\n\n".join(sections) + "\n"


def _commands(record: Mapping[str, Any]) -> str:
    """The commands that make a model again, as far as they are known."""
    training = record["training"]
    command = training.get("command") or "not recorded"
    fast = training.get("recipe", {}).get("fast_sampler")
    if not record.get("lepton") or not fast:
        return str(command)
    return (
        f"{command}\nnugen-gan distil {record['name']} --events {fast['events']} "
        f"--steps {fast['steps']} --seed {fast['seed']}"
    )
