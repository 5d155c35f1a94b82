"""Which model answers NuWro's parameters, and what of them it cannot honour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nugen_gan.errors import UsageError
from nugen_gan.generation.bundled import models
from nugen_gan.model.model import Model, load_model
from nugen_gan.physics.process import Process
from nugen_gan_nuwro.parameters import Parameters

__all__ = ["CHANNELS", "chosen_model", "other_currents", "refused_channels"]

CHANNELS = ("qel", "res", "dis", "coh", "mec", "hyp")
NEUTRAL = tuple(f"dyn_{name}_nc" for name in CHANNELS if name != "hyp")


@dataclass(frozen=True, slots=True)
class _Candidate:
    model: Model
    differences: tuple[str, ...]


def other_currents(parameters: Parameters) -> list[str]:
    """Switches that are on, or that NuWro has on by itself, for what is no charged current."""
    on = [name for name in NEUTRAL if parameters.text(name, "1") != "0"]
    return on + [name for name in ("dyn_lep", "dyn_qel_el", "dyn_res_el")
                 if parameters.text(name, "0") != "0"]  # fmt: skip


def refused_channels(parameters: Parameters, process: Process) -> list[str]:
    """Channels of charged currents that are switched off: a model makes all of them together."""
    names = [f"dyn_{name}_cc" for name in CHANNELS]
    off = [name for name in names if parameters.text(name, "1") == "0"]
    # Neutrinos make no hyperons, and hydrogen has no coherent and no two-nucleon events.
    never = {"dyn_hyp_cc"} if process.probe > 0 else set()
    never |= {"dyn_coh_cc", "dyn_mec_cc"} if process.a == 1 else set()
    return [name for name in off if name not in never]


def chosen_model(parameters: Parameters, process: Process, name: str | None) -> Model:
    """Return the model of a process that was trained with the switches that are set.

    Parameters
    ----------
    parameters : what was asked for; of what is not set, any value does
    process : what collides
    name : of the model to take, if one was named

    Raises
    ------
    UsageError
        if there is none, or a switch differs.
    """
    names = [name] if name else [m.name for m in models() if str(m.process) == process.name]
    loaded = [load_model(name) for name in names]
    # A model of another generator has none of NuWro's switches.
    ours = [model for model in loaded if name or "tune" not in model.settings]
    ours = [model for model in ours if model.process == process]
    if not ours:
        known = ", ".join(f"{m.name} ({m.process})" for m in models())
        raise UsageError(
            f"no model of {process.name} learned from NuWro is at hand: {known or 'none'}. Make "
            "one from some ten thousand events of NuWro itself, nugen-gan finetune FILE -o "
            f"{process.name}, and name it with --model"
        )
    found = [_Candidate(model, tuple(_differences(parameters.switches(), model))) for model in ours]
    best = min(found, key=lambda one: len(one.differences))
    if best.differences:
        raise UsageError(
            f"the model {best.model.name} was trained with other physics than is asked for: "
            f"{'; '.join(best.differences)}. Take these lines out, or fine-tune a model on events "
            "made with yours: nugen-gan finetune FILE"
        )
    return best.model


def _differences(asked: Mapping[str, str], model: Model) -> list[str]:
    known = model.settings
    return [
        f"{name} = {word}, the model has {_said(known[name])}"
        for name, word in asked.items()
        if name in known and not _same(word, known[name])
    ]


def _same(word: str, value: object) -> bool:
    if isinstance(value, str):
        return word.strip('"') == value
    if not isinstance(value, (bool, int, float)):
        return True  # files of different settings were learned from: any of them does
    try:
        return abs(float(word) - float(value)) <= 1e-6 * max(1.0, abs(float(value)))
    except ValueError:
        return False


def _said(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else f"{value}"
