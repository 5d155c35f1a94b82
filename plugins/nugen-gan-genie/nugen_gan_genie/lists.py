"""GENIE's lists of event generators, and which channels of a model each of them means."""

from __future__ import annotations

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Channel

__all__ = ["CC_ONLY", "channels_of"]

# The variable that stands for --cc-only.
CC_ONLY = "NUGEN_CC_ONLY"
DEFAULT = "Default"
# Charged currents alone; None for all channels.
CHARGED: dict[str, frozenset[Channel] | None] = {
    "CC": None,
    "CCinclMEC": None,
    "CCQE": frozenset({Channel.QE}),
    "CCMEC": frozenset({Channel.MEC}),
    "CCRES": frozenset({Channel.RES}),
    "CCDIS": frozenset({Channel.DIS}),
    "CCCOH": frozenset({Channel.COH}),
    "CCCOHPION": frozenset({Channel.COH}),
    "LambdaCCQE": frozenset({Channel.HYP}),
}
# Charged and neutral currents; the former as above.
MIXED: dict[str, frozenset[Channel] | None] = {
    DEFAULT: None,
    "QE": CHARGED["CCQE"],
    "MEC": CHARGED["CCMEC"],
    "RES": CHARGED["CCRES"],
    "DIS": CHARGED["CCDIS"],
    "COH": CHARGED["CCCOH"],
    "NCEL": frozenset(),
    "NCMEC": frozenset(),
}
# No channel of a model, and why.
REFUSED = {
    "NuE": "scattering off electrons", "NuEElastic": "scattering off electrons",
    "IMD": "scattering off electrons", "Charm": "charm has no channel of its own",
    "CharmCCDIS": "charm has no channel of its own", "CharmCCQE": "charm has no channel of its own",
    "DFR": "diffractive production has no channel of its own",
    "CCDFR": "diffractive production has no channel of its own",
    "SingleKaon": "it has no channel of its own", "UHE": "energies beyond any model",
    "GLRES": "energies beyond any model", "HEDIS": "energies beyond any model",
    "EM": "scattering of electrons", "DM": "dark matter",
}  # fmt: skip


def channels_of(
    name: str | None, known: tuple[int, ...], *, cc_only: bool
) -> tuple[frozenset[Channel] | None, tuple[str, ...]]:
    """Channels to be made, and notes.

    Parameters
    ----------
    name : of the list, such as ``Default+CCMEC``; None for GENIE's default
    known : channels of the model
    cc_only : of charged and neutral currents make the charged ones

    Returns
    -------
    The channels, None for all of them; what should be known, in words.

    Raises
    ------
    UsageError
        if the list cannot be honoured, with the reason.
    """
    asked = name or DEFAULT
    parts = [part.strip() for part in asked.split("+")]
    channels: set[Channel] = set()
    everything = neutral = False
    for part in parts:
        found, mixed = _part(part, asked, alone=len(parts) == 1)
        everything |= found is None
        neutral |= mixed
        channels |= found or set()
    if neutral and not cc_only:
        which = f"--event-generator-list {asked}" if name else "GENIE's default list"
        raise UsageError(
            f"{which} has neutral currents, and the models make charged ones only. With --cc-only "
            f"(or {CC_ONLY}=1 in the environment) the charged-current part is made, or give "
            "--event-generator-list CC"
        )
    notes = []
    if neutral:
        notes.append(
            f"charged currents only: the neutral ones of {asked} are not made. Their share of the "
            "cross section is not known to a model of charged currents"
        )
    labels = {Channel(code) for code in known}
    if everything or labels - {Channel.OTHER} <= channels:
        return None, tuple(notes)
    lacking = [channel.name for channel in channels - labels]
    if lacking:
        raise UsageError(
            f"--event-generator-list {asked}: the model has no channel {', '.join(lacking)}; "
            f"it has {', '.join(channel.name for channel in sorted(labels))}"
        )
    notes.append(
        "a channel is what the model labels so: hadronic final states are in no list of GENIE's "
        "own a proxy for it"
    )
    return frozenset(channels), tuple(notes)


def _part(part: str, asked: str, *, alone: bool) -> tuple[frozenset[Channel] | None, bool]:
    """Channels of one part of a list, and whether it has neutral currents."""
    if part in CHARGED:
        return CHARGED[part], False
    if part in MIXED and not (alone and not (MIXED[part] or part == DEFAULT)):
        return MIXED[part], True
    if part in REFUSED:
        reason = REFUSED[part]
    elif part.startswith("NC"):
        reason = "the models make charged currents only"
    else:
        reason = "it is not known here"
    raise UsageError(
        f"--event-generator-list {asked}: {part} cannot be made, for {reason}. Possible are "
        f"{', '.join(CHARGED)}; with --cc-only also {', '.join(list(MIXED)[:6])}; and sums of "
        "these, such as Default+CCMEC"
    )
