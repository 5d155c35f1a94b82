"""Targets: nuclei with their numbers of atoms, and those that NuWro's own files name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nugen_gan.errors import NugenError
from nugen_gan.physics.process import Process, nucleus_pdg
from nugen_gan_nuwro.errors import TargetError

if TYPE_CHECKING:
    from nugen_gan_nuwro.cards import Card

__all__ = ["BUILT_IN", "target_nuclei"]

ISOTOPE, MIXTURE = 0, 1
LINE = re.compile(r"\s*(\d+)\s+(\d+)\s+([\d.eE+-]+)\s*x\s*(.*)")
# The model of a nucleus stands in the third place behind the x.
MODEL_PLACE = 2


def _isotope(protons: int, neutrons: int, model: int = 2) -> dict[str, str]:
    return {
        "target_type": "0", "nucleus_p": str(protons), "nucleus_n": str(neutrons),
        "nucleus_target": str(model),
    }  # fmt: skip


def _mixture(*lines: str) -> dict[str, str]:
    return {"target_type": "1", "target_content": "\n".join(lines), "nucleus_target": "2"}


# What @target/NAME.txt means where NuWro's folder of data is not installed.
BUILT_IN = {
    "proton": _isotope(1, 0, 0), "H": _isotope(1, 0, 0), "Li": _isotope(3, 4), "C": _isotope(6, 6),
    "O": _isotope(8, 8), "Al": _isotope(13, 14), "Ar": _isotope(18, 22), "Ca": _isotope(20, 20),
    "Ti": _isotope(22, 26), "Fe": _isotope(26, 30), "Pb": _isotope(82, 126),
    "CH": _mixture("6 6 1x", "1 0 1x"), "CH2": _mixture("6 6 1x", "1 0 2x"),
    "H2O": _mixture("8 8 1x", "1 0 2x"), "h2o": _mixture("8 8 1x", "1 0 2x"),
}  # fmt: skip


def target_nuclei(card: Card) -> dict[int, float]:
    """PDG code of each nucleus of the target -> how many of them are in a molecule.

    Raises
    ------
    TargetError
        if the parameters describe no target of nuclei.
    """
    kind = card.whole("target_type")
    if kind == ISOTOPE:
        return {_nucleus(card.whole("nucleus_p"), card.whole("nucleus_n")): 1.0}
    if kind != MIXTURE:
        raise TargetError(
            f"target_type = {kind}: only 0 (an isotope: nucleus_p, nucleus_n) and 1 (a mixture: "
            "target_content) are possible. For a detector's geometry make an event library "
            "(nugen-gan generate -o NAME.evtlib.root) and let GENIE replay it, or generate each "
            "material by itself"
        )
    atoms: dict[int, float] = {}
    for line in card.text("target_content").split("\n"):
        if not line.split("#")[0].split("//")[0].strip():
            continue
        match = LINE.match(line)
        if match is None:
            raise TargetError(
                f"target_content = {line.strip()!r}: a line is 'protons neutrons COUNTx', such as "
                "'6 6 1x'; the x is part of it"
            )
        code = _nucleus(int(match[1]), int(match[2]))
        _check_model(card, match[4], line)
        atoms[code] = atoms.get(code, 0.0) + _count(match[3], line)
    if not atoms:
        raise TargetError("target_type = 1 needs target_content: lines 'protons neutrons COUNTx'")
    return atoms


def _nucleus(protons: int, neutrons: int) -> int:
    code = nucleus_pdg(protons, protons + neutrons)
    try:
        Process(14, code)
    except NugenError as error:
        raise TargetError(
            f"a target of {protons} protons and {neutrons} neutrons: {error}"
        ) from None
    return code


def _count(word: str, line: str) -> float:
    try:
        count = float(word)
    except ValueError:
        count = 0.0
    if not 0.0 < count < 1e9:
        raise TargetError(f"target_content = {line.strip()!r}: the count must be positive")
    return count


def _check_model(card: Card, rest: str, line: str) -> None:
    """A line may name the model of its nucleus, which then counts instead of nucleus_target."""
    words = rest.split("#")[0].split("//")[0].split()
    if len(words) <= MODEL_PLACE or line.split()[:2] == ["1", "0"]:
        return
    if not words[MODEL_PLACE].isdigit():
        raise TargetError(f"target_content = {line.strip()!r}: {words[MODEL_PLACE]!r} is no model")
    if int(words[MODEL_PLACE]) != card.whole("nucleus_target"):
        card.set("nucleus_target", "=", words[MODEL_PLACE], f"target_content {line.strip()!r}")
