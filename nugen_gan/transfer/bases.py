"""Which bundled models a transfer may better start from."""

from __future__ import annotations

from nugen_gan.model.folder import read_description
from nugen_gan.physics.process import Process
from nugen_gan.storage.bundled import MODELS, bundled_models

__all__ = ["nearer_bases"]


def nearer_bases(base: str, process: Process) -> list[str]:
    """Names of bundled models that are nearer to a process than a base is.

    One of the same probe is nearer than one of the same target, and that nearer than any other.

    Parameters
    ----------
    base : name of the process that the base is of, such as ``numu_cc_C12``
    process : of the events
    """
    own = _nearness(base, process)
    found = {name: _nearness(_process_of(name), process) for name in bundled_models()}
    best = max(found.values(), default=own)
    return [name for name, near in found.items() if near == best > own]


def _nearness(name: str, process: Process) -> int:
    probe, _, target = name.partition("_cc_")
    ours, _, wanted = process.name.partition("_cc_")
    return 2 * (probe == ours) + (target == wanted)


def _process_of(name: str) -> str:
    return str(read_description(MODELS / name)["process"]["name"])
