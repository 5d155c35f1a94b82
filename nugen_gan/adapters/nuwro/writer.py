"""Leaves of NuWro's ``treeout`` for events of a table, and what else lies in such a file.

The leaves ``post.*`` hold the lepton and, where they are known, the hadrons that leave the nucleus.
``out.*``, what there was before final-state interactions, holds the lepton alone: of the hadrons
it is not known, and those of ``post`` there would say that nothing happened to them.  With hadrons
come ``pr`` and ``nr``, the protons and neutrons that are left in the nucleus.

The leaves have the names and types that ROOT shows for NuWro's own files, but belong to no C++
class: ``TTree::Draw``, ``TTreeReader`` and uproot read them alike, ``SetBranchAddress("e", ...)``
with an ``event *`` does not.  Texts are C strings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import origin_of
from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.units import MEV
from nugen_gan.errors import UsageError
from nugen_gan.events.generator_settings import generator_settings
from nugen_gan.events.particles import Flat
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species
from nugen_gan.physics.flux import Flux, HistogramFlux, MonoFlux, UniformFlux
from nugen_gan.physics.process import Channel, Process

if TYPE_CHECKING:
    from uproot import WritableDirectory, WritableTree

__all__ = ["CHANNELS", "FLUX", "OTHER_CURRENT", "Normalisation", "columns", "empty_tree",
           "flux_histogram", "no_events", "run_parameters", "th1d"]  # fmt: skip

Floats = NDArray[np.float64]
# dyn is twice this number, plus one for neutral currents.
CHANNELS = (
    Channel.QE, Channel.RES, Channel.DIS, Channel.COH, Channel.MEC, Channel.HYP,
)  # fmt: skip
# dyn of charged-current events of channel OTHER; NuWro's own numbers end at 21.
OTHER_CURRENT = 98
# Flags and switches of these channels, in their order.
NAMES = ("qel", "res", "dis", "coh", "mec", "hyp")
# Name of the flux histogram in the file itself, and the bins of one made from a formula.
FLUX, FLUX_BINS = "flux", 500


class Normalisation:
    """The weights of all events, and the cross section of each channel.

    ``header`` must know the flux-averaged cross section; UsageError otherwise.
    """

    def __init__(self, header: Header) -> None:
        if header.flux_average is None:
            raise UsageError(
                "a NuWro file states the cross section in every event, and it is not known for "
                "these. Give it with --cross-section."
            )
        total = header.events if header.weight_sum is None else header.weight_sum
        mean = total / header.events if header.events else 1.0
        self.per_nucleon = header.flux_average / header.process.a
        self._factor = self.per_nucleon / mean
        self._sums: dict[int, Floats] = {}

    def weight(self, table: EventTable) -> Floats:
        """Weights [cm^2 per nucleon], whose mean over the file is the cross section."""
        codes = _dyn(table)
        for code in np.unique(codes).tolist():
            mine = table.weight[codes == code]
            sums = np.array([mine.sum(), (mine**2).sum()])
            self._sums[code] = self._sums.get(code, np.zeros(2)) + sums
        return np.asarray(table.weight * self._factor)

    def histogram(self) -> Any:
        """``xsections``: a bin for each channel, in the order of ``dyn``, as NuWro's has them."""
        codes = [2 * number for number in range(len(CHANNELS))]
        codes += [OTHER_CURRENT] if OTHER_CURRENT in self._sums else []
        sums = np.array([self._sums.get(code, np.zeros(2)) for code in codes])
        total = float(sums[:, 0].sum())
        scale = self.per_nucleon / total if total > 0.0 else 0.0
        edges = np.arange(len(codes) + 1.0)
        return th1d("xsections", edges, sums[:, 0] * scale, sums[:, 1] * scale**2)


def _dyn(table: EventTable) -> NDArray[np.int32]:
    code = np.full(len(table), OTHER_CURRENT, np.int32)
    for number, channel in enumerate(CHANNELS):
        code[table.channel == channel] = 2 * number
    return code


def run_parameters(header: Header) -> dict[str, Any]:
    """Values of ``par.*``: target, beam and channels, by which the run is normalised."""
    process = header.process
    values: dict[str, Any] = {
        "random_seed": origin_of(header.provenance).seed % 2**31,
        "number_of_events": header.events,
        "target_type": 0, "nucleus_p": process.z, "nucleus_n": process.a - process.z,
        "target_content.string": "", "beam_particle": process.probe,
        "beam_direction.x": 0.0, "beam_direction.y": 0.0, "beam_direction.z": 1.0,
        "beam_content.string": "", "beam_inputroot": "", "beam_inputroot_flux": "",
        "FSI_on": bool(generator_settings(header.provenance).get("FSI_on", False)),
        "dyn_lep": False,
    }  # fmt: skip
    values |= {f"dyn_{name}_cc": True for name in NAMES}
    values |= {f"dyn_{name}_nc": False for name in NAMES if name != "hyp"}
    return values | _beam(header.flux)


def _beam(flux: Flux | None) -> dict[str, Any]:
    if flux is None:
        return {"beam_type": 0, "beam_energy.string": ""}
    if isinstance(flux, (MonoFlux, UniformFlux)):
        ends = dict.fromkeys(f"{energy / MEV:.12g}" for energy in flux.energy_range)
        return {"beam_type": 0, "beam_energy.string": " ".join(ends)}
    # Without the name of a file, which may change: the histogram is in the file of events.
    return {"beam_type": 5, "beam_energy.string": "", "beam_inputroot_flux": FLUX}


def flux_histogram(flux: Flux | None) -> Any:
    """Flux *in* each bin, in GeV, as ``beam_type`` 5 takes it; None where it is not needed."""
    if flux is None or isinstance(flux, (MonoFlux, UniformFlux)):
        return None
    if isinstance(flux, HistogramFlux):
        edges, contents = np.array(flux.edges), np.array(flux.contents)
    else:
        edges = np.geomspace(*flux.energy_range, FLUX_BINS + 1)
        contents = flux.fractions(edges)
    return th1d(FLUX, edges, contents, np.zeros(len(contents)))


def th1d(name: str, edges: Floats, contents: Floats, variances: Floats) -> Any:
    """A ROOT histogram of doubles: n + 1 edges, contents and their variances."""
    from uproot.writing.identify import to_TAxis, to_TH1x

    axis = to_TAxis("xaxis", "", len(contents), float(edges[0]), float(edges[-1]), edges)
    # The first and the last bin of ROOT are those below and above the axis.
    inner = (np.concatenate([[0.0], values, [0.0]]) for values in (contents, variances))
    data, squares = inner
    middle = 0.5 * (edges[1:] + edges[:-1])
    sums = (contents.sum(), variances.sum(), (contents * middle).sum(),
            (contents * middle**2).sum())  # fmt: skip
    return to_TH1x(name, name, data, float(len(contents)), *map(float, sums), squares, axis)


def no_events(process: Process) -> EventTable:
    """A table without events."""
    nothing = np.zeros(0)
    return EventTable(process, nothing, nothing, nothing, np.zeros(0, np.int16), nothing)


def empty_tree(
    file: WritableDirectory, name: str, table: EventTable, constants: dict[str, Any]
) -> WritableTree:
    """Make a tree for :func:`columns` of tables like this one."""
    nothing = np.zeros(0)
    block = columns(table[:0], nothing, nothing, constants)
    return file.mktree(
        name,
        {leaf: _branch_type(column) for leaf, column in block.items()},
        title="Tree of events",
        counter_name=lambda counted: "n" + counted,
        field_name=lambda outer, inner: f"{outer}.{inner}",
    )


def _branch_type(column: Any) -> Any:
    if isinstance(column, np.ndarray):
        return column.dtype
    return column.type.content if column.fields else "string"


def columns(
    table: EventTable, phi: Floats, weight: Floats, constants: dict[str, Any]
) -> dict[str, Any]:
    """Leaves of a block of events.

    Parameters
    ----------
    table, phi : the events and the azimuths of their leptons [rad], shape (N,)
    weight : cross section [cm^2 per nucleon], shape (N,)
    constants : values of ``par.*``, the same in every event
    """
    n, process = len(table), table.process
    state = final_state(table, phi)
    one, zero = np.ones(n, np.int64), np.zeros(n)
    probe, lepton = (np.full(n, code, np.int32) for code in (process.probe, process.lepton))
    lists = {
        "in": _particles(Flat(one, probe, zero, zero, table.enu, table.enu)),
        "out": _particles(Flat(one, lepton, *state.lepton, table.elep)),
        "post": _particles(state.lepton_first()),
    }
    return {
        **_flags(table),
        **{f"par.{name}": _constant(value, n) for name, value in constants.items()},
        **lists,
        "weight": weight,
        "norm": np.ones(n),
        "dyn": _dyn(table),
        **_left(state),
    }


def _left(state: FinalState) -> dict[str, Any]:
    """Protons and neutrons that are left in the nucleus, where the hadrons are known."""
    remnant = state.remnant()
    return {} if remnant is None else {"pr": remnant.z, "nr": remnant.a - remnant.z}


def _flags(table: EventTable) -> dict[str, Any]:
    n = len(table)
    flags = {
        f"flag.{name}": table.channel == channel
        for name, channel in zip(NAMES, CHANNELS, strict=True)
    }
    return flags | {
        "flag.lep": np.zeros(n, np.bool_), "flag.nc": np.zeros(n, np.bool_),
        "flag.cc": np.ones(n, np.bool_), "flag.anty": np.full(n, table.process.is_antineutrino),
    }  # fmt: skip


def _particles(those: Flat) -> Any:
    """Lists of particles [MeV]."""
    import awkward as ak

    leaves = {
        "t": those.E / MEV, "x": those.px / MEV, "y": those.py / MEV, "z": those.pz / MEV,
        "_mass": species.mass(those.pdg) / MEV, "pdg": those.pdg,
    }  # fmt: skip
    return ak.unflatten(ak.zip(leaves), those.counts)


def _constant(value: Any, n: int) -> Any:
    """A column of one value: text, or a number of the type that NuWro gives it."""
    import awkward as ak

    if isinstance(value, str):
        return ak.Array([value] * max(n, 1))[:n]
    types = {bool: np.bool_, int: np.int32, float: np.float64}
    return np.full(n, value, types[type(value)])
