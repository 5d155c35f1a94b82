"""What the reaction was, from the ``EvtCode`` of a rootracker file.

GENIE writes ``nu:14;tgt:1000060120;N:2112;proc:Weak[CC],QES;`` and the like; NEUT and NuWro
write NEUT's number of the reaction, up to 30 for charged currents, negative for antineutrinos.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.nuisance.reader import CHANNEL_OF_MODE
from nugen_gan.physics.process import Channel, Process

__all__ = ["code_of", "parse_codes"]

CHANNEL_OF_SCATTERING = {
    "QES": Channel.QE, "IBD": Channel.QE, "MEC": Channel.MEC, "RES": Channel.RES,
    "1Kaon": Channel.RES, "1Pion": Channel.RES, "DIS": Channel.DIS, "COH": Channel.COH,
    "DFR": Channel.COH,
}  # fmt: skip
# On an electron of the atom, or no reaction at all.
NOT_ON_A_NUCLEUS = ("NuEEL", "IMD", "IMDAnh", "GLR", "Norm", "AMNuGamma")
SCATTERING = {
    Channel.QE: "QES", Channel.HYP: "QES", Channel.MEC: "MEC", Channel.RES: "RES",
    Channel.DIS: "DIS", Channel.COH: "COH", Channel.OTHER: "Unknown",
}  # fmt: skip
LAST_CC_MODE = 30


def code_of(process: Process, channel: Channel) -> str:
    """GENIE's code of a reaction of which no more than the channel is known."""
    tag = "strange:incl;" if channel is Channel.HYP else ""
    scattering = SCATTERING[channel]
    return f"nu:{process.probe};tgt:{process.target};proc:Weak[CC],{scattering};{tag}"


def parse_codes(
    codes: Sequence[Any], lepton: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.int16]]:
    """Whether events are charged-current ones on a nucleus, and their channels.

    Parameters
    ----------
    codes : text or number for each of N events; "" where the file has none
    lepton : True where there is a charged lepton, which decides where there is no code; (N,)
    """
    kinds = [_parse(str(code).strip()) for code in codes]
    known = np.array([kind is not None for kind in kinds], np.bool_)
    cc = np.array([kind is not None and kind[0] for kind in kinds], np.bool_)
    channel = np.array([kind[1] if kind else Channel.OTHER for kind in kinds], np.int16)
    return np.where(known, cc, lepton), channel


@lru_cache(maxsize=4096)
def _parse(code: str) -> tuple[bool, Channel] | None:
    """Charged current and channel; None if there is no code."""
    if not code:
        return None
    found = re.search(r"proc:([^,;]+),([^;]+);", code)
    if found:
        channel = CHANNEL_OF_SCATTERING.get(found[2], Channel.OTHER)
        if channel is Channel.QE and "strange:" in code:
            channel = Channel.HYP
        return found[1] == "Weak[CC]" and found[2] not in NOT_ON_A_NUCLEUS, channel
    if not re.fullmatch(r"[+-]?\d+", code):
        return False, Channel.OTHER
    mode = abs(int(code))
    channels = [channel for channel, modes in CHANNEL_OF_MODE.items() if mode in modes]
    return 0 < mode <= LAST_CC_MODE, channels[0] if channels else Channel.OTHER
