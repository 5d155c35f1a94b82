"""Find the model of each nucleus of a mixture: among those given, else among bundled ones."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import PROBE_NAMES, Process, nucleus_pdg
from nugen_gan.physics.targets import TargetMixture, nucleus_name
from nugen_gan.storage.bundled import bundled_models

if TYPE_CHECKING:
    from nugen_gan.model.model import Model

__all__ = ["check_probe", "listed_models", "models_for"]

PROTON = nucleus_pdg(1, 1)


def check_probe(model: Model, probe: int | None) -> None:
    """Raise UsageError if a model is of another neutrino than ``probe``, and name one that is not.

    Parameters
    ----------
    model : that was given
    probe : PDG code that was asked for, if any
    """
    if probe is None or model.process.probe == probe:
        return
    wanted = Process(probe, model.process.target)
    same = [name for name, process in _bundled_processes().items() if process == wanted.name]
    advice = (
        f"Bundled of {wanted} is {' and '.join(same)}: name that instead of {model.name}"
        if same
        else f"No bundled model is of {wanted}. {_how_to_make(wanted)}"
    )
    raise UsageError(
        f"the model {model.name} is of {PROBE_NAMES[model.process.probe]} ({model.process}), and "
        f"--probe asks for {PROBE_NAMES[probe]}. {advice}"
    )


def listed_models(given: Iterable[Model] = ()) -> str:
    """Models at hand and their processes, in words; "" if there are none."""
    listing = [f"{model.name} ({model.process})" for model in given]
    listing += [f"{name} ({found}, bundled)" for name, found in _bundled_processes().items()]
    return ", ".join(listing)


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
    if not given and probe is None:
        _check_known(mixture)
    if len(given) == 1:
        check_probe(given[0], probe)
    used = _probe(given, probe)
    at_hand: dict[int, Model] = {}
    for model in given:
        target = model.process.target
        if target in at_hand:
            raise UsageError(
                f"two models of {model.process} were given, {at_hand[target].name} and "
                f"{model.name}: leave one out"
            )
        if target not in mixture.targets and len(given) == len(mixture.atoms) == 1:
            # Was another model meant?  An error names those at hand, if there is none.
            other = _bundled(Process(used, mixture.targets[0]), mixture, given)
            raise UsageError(
                f"the model {model.name} is of {model.process}, and --target asks for "
                f"{nucleus_name(mixture.targets[0])}: name the model {other.name} instead, or "
                "leave out --target"
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


def _check_known(mixture: TargetMixture) -> None:
    """Raise UsageError if no neutrino has a model of a single nucleus."""
    known = {Process.from_name(name).target for name in _bundled_processes().values()}
    (target, *others) = mixture.targets
    if not others and target not in known:
        raise UsageError(
            f"there is no model of {nucleus_name(target)}, for any neutrino. Bundled are "
            f"{listed_models() or 'none'}. {_how_to_make(Process(14, target))}"
        )


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
    from nugen_gan.model.model import load_model

    known = _bundled_processes()
    names = [name for name, found in known.items() if found == process.name]
    if process.name in names or len(names) == 1:
        return load_model(process.name if process.name in names else names[0])
    if names:
        raise UsageError(
            f"several bundled models are of {process}: {', '.join(names)}. Name one of them"
        )
    raise UsageError(
        f"the target {mixture.name} ({mixture}) needs a model of {process}, and there is none. "
        f"Models at hand: {listed_models(given) or 'none'}. Give the folder of such a model"
        f"{' beside the others' if len(mixture.atoms) > 1 else ''}"
        f"{_proton_hint(process, mixture) or '. ' + _how_to_make(process)}"
    )


def _how_to_make(process: Process) -> str:
    """How one comes by a model of a process."""
    return (
        f"Make one of events of {process}, 1,000 or more, from any generator: nugen-gan finetune "
        f"EVENTS -o my_{process.target_name}, or nugen-gan train EVENTS with 100,000 or more"
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
    from nugen_gan.model.folder import find_model, read_description

    return {
        name: str(read_description(find_model(name))["process"]["name"])
        for name in bundled_models()
    }
