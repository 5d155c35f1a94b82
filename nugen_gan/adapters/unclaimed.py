"""What to say about a file that no adapter recognises."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nugen_gan.adapters.base import Adapter
from nugen_gan.adapters.genie.splines import is_spline_list
from nugen_gan.errors import FormatError, NugenError
from nugen_gan.storage import root as root_io
from nugen_gan.storage.compressed import compression_of

__all__ = ["unclaimed"]

COMPANION = "Give the file of events, and this one with --cross-section."


def unclaimed(path: Path, readers: Sequence[Adapter]) -> NugenError:
    """Return the error for a file: what it is, which dialects there are, what to do.

    A truncated or damaged ROOT file and one that may not be read get the error of opening it.
    """
    try:
        found, advice = _describe(path)
    except NugenError as error:
        return error
    except OSError as error:
        return FormatError(f"{path} cannot be read: {error.strerror}.")
    wanted = [r.name for r in readers if any(path.name.endswith(s) for s in r.suffixes)]
    hint = ""
    if path.suffix == ".root" and not root_io.is_root(path):
        hint = " By its suffix one would expect a ROOT file."
    elif wanted and path.suffix != ".root":
        hint = f" By its suffix one would expect {' or '.join(wanted)}."
    listing = "; ".join(f"{reader.name}: {reader.description}" for reader in readers)
    return FormatError(f"{path} {found}.{hint} Formats that can be read: {listing}. {advice}")


def _describe(path: Path) -> tuple[str, str]:
    """What a file is, and what to do about it."""
    if path.stat().st_size == 0:
        return "is empty", "The program that should have written it failed: look at its output."
    if root_io.is_root(path):
        return _describe_root(path)
    with open(path, "rb") as stream:
        start = stream.read(2000)
    packed = compression_of(path)
    if packed is not None:
        name, program = packed
        kind = "which is not read as it is" if name == "zstd" else "and holds no HepMC3 text"
        return f"is compressed with {name}, {kind}", f"Unpack it first: {program} {path}"
    if b"\0" in start:
        return "is a binary file of an unknown kind", "Give the generator's event file."
    if is_spline_list(start):
        return "is a list of GENIE's cross-section splines, not of events", COMPANION
    line = start.decode("utf-8", "replace").strip().splitlines()[:1]
    text = line[0][:60] if line else ""
    return f"is a text file that begins with {text!r}", "Give the generator's event file."


def _describe_root(path: Path) -> tuple[str, str]:
    with root_io.open_root(path) as file:
        trees = root_io.tree_sizes(file)
        if "gtree" in trees and "gmcrec" in file["gtree"]:
            return (
                "is a GENIE ghep file (tree gtree, branch gmcrec), which only GENIE can read",
                f"Convert it with GENIE first: gntpc -f gst -i {path.name} -o {path.stem}.gst.root",
            )
        branches = {name: file[name].keys()[:6] for name in trees}
        graphs = file.keys(cycle=False, filter_classname="TGraph*")
    if not trees and any(name.endswith("/tot_cc") for name in graphs):
        return "holds GENIE's cross sections (gspl2root), not events", COMPANION
    if not trees:
        return "is a ROOT file without a single tree, so without events", "Give the event file."
    listing = ", ".join(
        f"{name} ({count:,} entries; branches {', '.join(branches[name])}...)"
        for name, count in trees.items()
    )
    return (
        f"is a ROOT file whose trees no reader knows: {listing}",
        "Write the events in one of these formats, or install an adapter for this one.",
    )
