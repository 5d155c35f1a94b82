"""Which model answers gevgen's options: by process, tune and list of event generators."""

from __future__ import annotations

from nugen_gan.errors import UsageError
from nugen_gan.generation.bundled import models
from nugen_gan.model.model import Model, load_model
from nugen_gan.physics.process import Channel, Process

__all__ = ["asked_channels", "chosen_model"]

# Lists of event generators that a model of charged currents makes: all channels, or some.
ALL = ("CC", "CCinclusive", "CCINCLUSIVE")
SOME = {
    "CCQE": (Channel.QE, Channel.HYP), "CCRES": (Channel.RES,), "CCDIS": (Channel.DIS,),
    "CCMEC": (Channel.MEC,), "CCCOHPION": (Channel.COH,), "CCCOH": (Channel.COH,),
    "QE": (Channel.QE, Channel.HYP), "MEC": (Channel.MEC,), "RES": (Channel.RES,),
    "DIS": (Channel.DIS,),
}  # fmt: skip
# Lists that hold neutral currents, too.
MORE = ("Default", "Default+CCMEC", "Default+MEC", "Default+CCMEC+NCMEC")


def asked_channels(name: str, *, cc_only: bool, notes: list[str]) -> tuple[Channel, ...]:
    """Channels of a list of event generators; none stands for all charged currents.

    Raises
    ------
    UsageError
        for a list that a model cannot make.
    """
    if name in ALL:
        return ()
    if name in SOME:
        return SOME[name]
    if name in MORE and cc_only:
        notes.append(f"of the list {name} the charged currents are made")
        return ()
    if name in MORE:
        raise UsageError(
            f"the list {name} holds neutral currents, too, and the models make charged currents: "
            "ask for --event-generator-list CC, or for that part of it with --cc-only or "
            "NUGEN_CC_ONLY=1"
        )
    raise UsageError(f"--event-generator-list {name}: a model makes {', '.join((ALL[0], *SOME))}")


def chosen_model(process: Process, tune: str | None, name: str | None, notes: list[str]) -> Model:
    """Return the model to take: the one named, else one that learned from GENIE, else another.

    Raises
    ------
    UsageError
        if there is none, or it was trained with another tune.
    """
    names = [name] if name else [m.name for m in models() if str(m.process) == process.name]
    loaded = [model for model in map(load_model, names) if model.process == process]
    if not loaded:
        known = ", ".join(f"{m.name} ({m.process})" for m in models())
        raise UsageError(
            f"no model of {process.name} is at hand; there are {known or 'none'}. Make one from "
            f"some thousand events of GENIE itself, nugen-gan finetune FILE.gst.root -o "
            f"{process.name}, and name it with --model"
        )
    model = next((m for m in loaded if "tune" in m.settings), loaded[0])
    trained = model.settings.get("tune")
    origin = model.training.get("generator", "another generator")
    if trained is None:
        notes.append(
            f"the model {model.name} learned from {origin}, and has its physics, not GENIE's"
        )
        if tune is not None:
            raise UsageError(
                f"--tune {tune}: the model of {process.name} at hand, {model.name}, learned from "
                f"{origin}. Leave out --tune to take it as it is, or name another with --model"
            )
    elif tune is not None and tune != trained:
        raise UsageError(
            f"--tune {tune}: the model {model.name} learned from GENIE's {trained}. Ask for that "
            "one, or make a model of yours from some thousand events: nugen-gan finetune "
            "FILE.gst.root"
        )
    return model
