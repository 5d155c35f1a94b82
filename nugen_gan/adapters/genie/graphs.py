"""Cross sections as GENIE's ``gspl2root`` writes them: graphs in a ROOT file.

A folder for each probe and target, such as ``nu_mu_C12`` or ``nu_mu_bar_Ar40``, with one graph
per reaction and sums of them; ``tot_cc`` is the total charged-current one.  Energies are in GeV,
cross sections in 1e-38 cm^2 per nucleus, and straight lines join the points.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.errors import FormatError, UsageError
from nugen_gan.physics.cross_section import UNIT_38, CrossSection
from nugen_gan.physics.process import Channel, Process
from nugen_gan.storage import root as root_io

if TYPE_CHECKING:
    from uproot import WritableDirectory

__all__ = ["PROBES", "add_graph", "folder", "read_graph", "write_graph"]

Floats = NDArray[np.float64]
GRAPH = "tot_cc"
# Graphs that are summed up to a channel, and how well these must add up to the total.
GRAPHS = {
    Channel.QE: r"qel_cc_[pn](?:_charm\d+|_strange\d+)?", Channel.RES: r"res_cc_[pn]",
    Channel.DIS: r"dis_cc(?:_charm)?", Channel.MEC: r"mec_cc", Channel.COH: r"coh_cc",
}  # fmt: skip
SAME = 0.01
PROBES = {
    12: "nu_e", -12: "nu_e_bar", 14: "nu_mu", -14: "nu_mu_bar", 16: "nu_tau", -16: "nu_tau_bar",
}  # fmt: skip


def folder(process: Process) -> str:
    """Name of the folder of a process, such as ``nu_mu_C12``."""
    return f"{PROBES[process.probe]}_{process.target_name}"


def read_graph(path: Path, process: Process) -> tuple[CrossSection, dict[Channel, CrossSection]]:
    """Read ``tot_cc`` of a process, and the graphs of its channels if they add up to it.

    Raises
    ------
    UsageError
        if the file lacks it; the message lists the folders that have one.
    FormatError
        if the file is damaged, or the graph is no cross section.
    """
    name = f"{folder(process)}/{GRAPH}"
    with root_io.open_root(path) as file:
        graphs = file.keys(cycle=False, filter_classname="TGraph*")
        if name not in graphs:
            known = sorted(key.split("/")[0] for key in graphs if key.endswith(f"/{GRAPH}"))
            raise UsageError(
                f"{path} has no graph {name}, the cross section of {process.name}. "
                f"Folders with a {GRAPH}: {', '.join(known) or 'none'}."
            )
        energy, sigma = (np.asarray(x, np.float64) for x in file[name].values())
        try:
            energy, sigma = _without_zeros(energy, sigma * UNIT_38)
            total = CrossSection.from_points(energy, sigma, f"{name} of {path.name}")
            return total, _channels(file, process, total, graphs)
        except FormatError as error:
            raise FormatError(f"{path}: the graph {name} cannot be used: {error}") from error


def _channels(
    file: Any, process: Process, total: CrossSection, graphs: list[str]
) -> dict[Channel, CrossSection]:
    """Graphs of channels at the energies of the total; none if they do not add up to it."""
    energy, whole = total.points()
    parts: dict[Channel, Floats] = {}
    for channel, pattern in GRAPHS.items():
        names = [name for name in graphs
                 if re.fullmatch(f"{re.escape(folder(process))}/{pattern}", name)]  # fmt: skip
        for name in names:
            x, y = (np.asarray(values, np.float64) for values in file[name].values())
            if len(x) and np.isfinite(y).all() and (y >= 0.0).all() and y.any():
                value = UNIT_38 * np.interp(energy, x, y)
                parts[channel] = parts.get(channel, np.zeros_like(energy)) + value
    # The last point of the total may be mended.
    same = np.isclose(sum(parts.values()), whole, rtol=SAME, atol=0.0)[:-1] if parts else False
    if not np.all(same):
        return {}
    return {
        channel: CrossSection.from_points(energy, value, f"{channel.name} of {total.source}")
        for channel, value in parts.items()
    }


def _without_zeros(energy: Floats, sigma: Floats) -> tuple[Floats, Floats]:
    """Mend the end of a graph that goes beyond the splines it was made from.

    gspl2root gives zeros there, and one at the very end even if it was to stop where the splines
    do.  The first zero is replaced by the straight line through the two points before, the
    others are dropped.
    """
    positive = np.flatnonzero(sigma > 0.0)
    if positive.size < 2 or positive[-1] == len(sigma) - 1:
        return energy, sigma
    last = positive[-1] + 1
    energy, sigma = energy[: last + 1], sigma[: last + 1].copy()
    slope = (sigma[-2] - sigma[-3]) / (energy[-2] - energy[-3])
    sigma[-1] = max(sigma[-2] + slope * (energy[-1] - energy[-2]), 0.0)
    return energy, sigma


def write_graph(path: Path, process: Process, cross_section: CrossSection) -> None:
    """Write a file with ``tot_cc`` of one process; equal numbers give equal bytes."""
    with root_io.recreate(path) as file:
        add_graph(file, process, cross_section)


def add_graph(file: WritableDirectory, process: Process, cross_section: CrossSection) -> None:
    """Add ``tot_cc`` of a process to a ROOT file that is being written."""
    import uproot

    energy, sigma = cross_section.points()
    graph: Any = uproot.as_TGraph(
        {"x": energy, "y": sigma / UNIT_38},
        title=f"{process.name} cross section",
        xAxisLabel="E (GeV)",
        yAxisLabel="sigma (1e-38 cm2 per nucleus)",
    )
    file[f"{folder(process)}/{GRAPH}"] = graph
