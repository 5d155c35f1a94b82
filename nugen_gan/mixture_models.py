"""Find the model of each nucleus of a mixture: among those given, else among bundled ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nugen_gan.bundled import bundled_models
from nugen_gan.errors import UsageError
from nugen_gan.mixture import TargetMixture
from nugen_gan.process import PROBE_NAMES, Process, nucleus_pdg

if TYPE_CHECKING:
    from nugen_gan.model import Model

__all__ = ["models_for"]

PROTON = nucleus_pdg(1, 1)


def models_for(
    mixture: TargetMixture, given: Sequence[Model], probe: int | None = None
) -> dict[int, Model]:
    """Return a model for each nucleus, by PDG code, in the order of the mixture.

    Parameters
    ----------
    mixture : the target
    given : models at hand; every one of them must be needed
    probe : PDG code of the neutrino; that of the given models if absent

    Raises
    ------
    UsageError
        if a nucleus has no model, or two, or a model is not needed.
    """
    used = _probe(given, probe)
    at_hand: dict[int, Model] = {}
    for model in given:
        target = model.process.target
        if target in at_hand:
            raise UsageError(
                f"two models of {model.process} were given, {at_hand[target].name} and "
                f"{model.name}: leave one out"
            )
        if target not in mixture.targets:
            raise UsageError(
                f"the model {model.name} is of {model.process}, and the target {mixture.name} "
                f"({mixture}) has no {model.process.target_name}: leave it out"
            )
        at_hand[target] = model
    return {
        target: at_hand.get(target) or _bundled(Process(used, target), mixture, given)
        for target in mixture.targets
    }


def _probe(given: Sequence[Model], probe: int | None) -> int:
    probes = {model.process.probe for model in given} | ({probe} if probe is not None else set())
    if len(probes) == 1:
        return probes.pop()
    if not probes:
        raise UsageError("which neutrino? Give --probe numu (or another), or models")
    listing = ", ".join(f"{model.name} ({model.process})" for model in given)
    asked = f", and --probe asks for {PROBE_NAMES[probe]}" if probe is not None else ""
    raise UsageError(
        f"a mixture has one kind of neutrino; given were {listing}{asked}. Generate each by itself"
    )


def _bundled(process: Process, mixture: TargetMixture, given: Iterable[Model]) -> Model:
    from nugen_gan.model import load_model

    known = _bundled_processes()
    names = [name for name, found in known.items() if found == process.name]
    if process.name in names or len(names) == 1:
        return load_model(process.name if process.name in names else names[0])
    if names:
        raise UsageError(
            f"several bundled models are of {process}: {', '.join(names)}. Name one of them"
        )
    listing = [f"{model.name} ({model.process})" for model in given]
    listing += [f"{name} ({found}, bundled)" for name, found in known.items()]
    raise UsageError(
        f"the target {mixture.name} ({mixture}) needs a model of {process}, and there is none. "
        f"Models at hand: {', '.join(listing) or 'none'}. Give the folder of such a model beside "
        f"the others{_proton_hint(process, mixture)}"
    )


def _proton_hint(process: Process, mixture: TargetMixture) -> str:
    if process.target != PROTON or len(mixture.atoms) == 1:
        return ""
    others = ",".join(
        f"{Process(process.probe, t).target_name}[{share:.4g}]"
        for t, share in mixture.mass_fractions.items()
        if t != PROTON
    )
    quasielastic = (
        "" if process.is_antineutrino else " (neutrinos have no quasielastic reaction on it)"
    )
    return (
        f". A free proton is no nucleus like the others{quasielastic}, and a model of a nucleus "
        "does not stand in for it: train one on events on hydrogen, or leave the hydrogen out "
        f"with --target '{others}'"
    )


def _bundled_processes() -> Mapping[str, str]:
    """Names of processes by names of bundled models."""
    from nugen_gan.model_folder import find_model, read_description

    return {
        name: str(read_description(find_model(name))["process"]["name"])
        for name in bundled_models()
    }
