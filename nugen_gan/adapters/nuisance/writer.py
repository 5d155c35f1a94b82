"""The columns of NUISANCE's flat tree, and their normalisation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.lists import check_lengths
from nugen_gan.adapters.nuisance import hadrons
from nugen_gan.events.particles import Flat
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import UNIT_38
from nugen_gan.physics.masses import MASS_PER_NUCLEON, NEUTRON_MASS, PROTON_MASS
from nugen_gan.physics.process import Channel

__all__ = ["Normalisation", "columns"]

Floats = NDArray[np.float64]

# Binding energy of a nucleon in NUISANCE's derived variables [GeV].
BINDING = 0.034
UNDEFINED = -999.0
MODE_OF_CHANNEL = {
    Channel.QE: 1, Channel.MEC: 2, Channel.HYP: 3, Channel.RES: 11, Channel.COH: 16,
    Channel.DIS: 26, Channel.OTHER: 0,
}  # fmt: skip
# Relative width of the single bin of a monoenergetic flux.
MONO_WIDTH = 0.01
# Particles that NUISANCE has room for.
MOST = 200
# Bins of the two histograms, at least, for a flux over a range of energies.
LEAST_BINS = 40


def columns(table: EventTable, phi: Floats, scale_factor: float) -> dict[str, Any]:
    """Columns of a block of events, with the types that NUISANCE gives them.

    Parameters
    ----------
    table : N events
    phi : azimuth of the lepton [rad], shape (N,)
    scale_factor : flux-averaged cross section per nucleon and unit of weight [cm^2]

    Raises
    ------
    UsageError
        if an event has more particles than NUISANCE has room for.
    """
    process = table.process
    n = len(table)
    state = final_state(table, phi)
    those = state.lepton_first()
    ranks = hadrons.rank(those)
    flags = {"flagCCINC": np.ones(n, np.bool_), "flagNCINC": np.zeros(n, np.bool_)}
    numbers_of_hadrons: dict[str, Floats] = {}
    if state.hadrons is not None:
        flags |= hadrons.flags(state, those)
        numbers_of_hadrons = hadrons.derived(state, those, ranks)
    sign = -1 if process.is_antineutrino else 1
    mode = np.zeros(n, np.int32)
    for channel, code in MODE_OF_CHANNEL.items():
        mode[table.channel == channel] = sign * code
    numbers: dict[str, Any] = {
        "Mode": mode,
        "cc": np.ones(n, np.int8),
        "PDGnu": np.full(n, process.probe, np.int32),
        "Enu_true": table.enu.astype(np.float32),
        "tgt": np.full(n, process.target, np.int32),
        "tgta": np.full(n, process.a, np.int32),
        "tgtz": np.full(n, process.z, np.int32),
        "PDGLep": np.full(n, process.lepton, np.int32),
        "ELep": table.elep.astype(np.float32),
        "CosLep": table.costheta.astype(np.float32),
    }
    derived = _derived(table) | numbers_of_hadrons
    numbers.update({name: x.astype(np.float32) for name, x in derived.items()})
    weight = table.weight.astype(np.float32)
    return {
        **numbers,
        **_particles(state, those, ranks),
        "Weight": weight,
        "InputWeight": weight,
        "RWWeight": np.ones(n, np.float32),
        "fScaleFactor": np.full(n, scale_factor, np.float64),
        **flags,
    }


def _derived(table: EventTable) -> dict[str, Floats]:
    """NUISANCE's variables of the lepton: on a proton at rest, or assuming quasielastic ones."""
    derived = table.derived()
    omega, q2 = derived.omega, derived.q2
    w2 = PROTON_MASS**2 + 2.0 * PROTON_MASS * omega - q2
    w = np.where(w2 >= 0.0, np.sqrt(np.clip(w2, 0.0, None)), UNDEFINED)
    x = np.full(len(table), UNDEFINED)
    np.divide(q2, 2.0 * PROTON_MASS * omega, out=x, where=omega > 0.0)
    enu_qe, q2_qe = _quasielastic(table)
    return {
        "Q2": q2, "q0": omega, "q3": np.sqrt(q2 + omega**2), "Enu_QE": enu_qe, "Q2_QE": q2_qe,
        "W_nuc_rest": w, "W": w, "x": x, "y": omega / table.enu,
    }  # fmt: skip


def _quasielastic(table: EventTable) -> tuple[Floats, Floats]:
    """Neutrino energy and Q2 as if a bound nucleon at rest had become the other nucleon."""
    mass = table.process.lepton_mass
    struck, left = (NEUTRON_MASS, PROTON_MASS)
    if table.process.is_antineutrino:
        struck, left = left, struck
    bound = struck - BINDING
    momentum = np.sqrt(np.clip(table.elep**2 - mass**2, 0.0, None))
    forward = table.elep - momentum * table.costheta
    above = 2.0 * bound * table.elep - (bound**2 + mass**2 - left**2)
    below = 2.0 * (bound - forward)
    enu = np.full(len(table), UNDEFINED)
    np.divide(above, below, out=enu, where=below != 0.0)
    return enu, 2.0 * enu * forward - mass**2


def _particles(state: FinalState, those: Flat, ranks: NDArray[np.int32]) -> dict[str, Any]:
    """Lists of particles: final, initial, and of the vertex.

    Those of the vertex are the final ones: what the hadrons were inside of the nucleus is not
    known.
    """
    check_lengths(those.counts, MOST, "NUISANCE's flat trees")
    table, process = state.table, state.table.process
    n = len(table)
    # Neutrino and nucleus in turn.
    pdg = np.tile(np.array([process.probe, process.target], np.int32), n)
    zero, pz, energy = np.zeros(2 * n), np.zeros(2 * n), np.empty(2 * n)
    pz[::2] = energy[::2] = table.enu
    energy[1::2] = process.a * MASS_PER_NUCLEON
    initial = Flat(np.full(n, 2), pdg, zero, zero, pz, energy)
    return {
        "fsp": _list("", those, {"pdg_rank": ranks}),
        "initp": _list("_init", initial),
        "vertp": _list("_vert", those),
    }


def _list(suffix: str, those: Flat, more: dict[str, Any] | None = None) -> Any:
    """Lists of particles, as an awkward array of records."""
    import awkward as ak

    offsets = np.concatenate([[0], np.cumsum(those.counts)])
    fields = {
        name + suffix: np.asarray(column, np.int32 if name == "pdg" else np.float32)
        for name, column in zip(("pdg", "px", "py", "pz", "E"), those[1:], strict=True)
    }
    content = ak.zip(fields | (more or {})).layout
    return ak.Array(ak.contents.ListOffsetArray(ak.index.Index64(offsets), content))


class Normalisation:
    """fScaleFactor, and the histograms from which NUISANCE computes it once more.

    ``FlatTree_FLUX`` is the flux per GeV, ``FlatTree_EVT`` that times the cross section in
    1e-38 cm^2 per nucleon; the ratio of their integrals over energy is the flux-averaged
    cross section.  Without a flux in the header the flux is the events' own: events over
    cross section, in the bins of the cross section.
    """

    def __init__(self, header: Header) -> None:
        self.header = header
        weights = header.weight_sum if header.weight_sum is not None else header.events
        average = header.flux_average or 0.0
        self.scale_factor = average / header.process.a / weights if weights else 0.0
        sigma = header.cross_section
        self._edges = np.array(sigma.edges if sigma else ())
        self._counts = np.zeros(max(len(self._edges) - 1, 0))

    def add(self, table: EventTable) -> None:
        """Count events in the bins of the cross section."""
        if self._edges.size and self._edges[0] < self._edges[-1]:
            self._counts += np.histogram(table.enu, self._edges, weights=table.weight)[0]

    def histograms(self) -> dict[str, tuple[Floats, Floats]]:
        """Contents and edges of the two histograms; none if the cross section is unknown."""
        sigma = self.header.cross_section
        if sigma is None or not self.header.flux_average:
            return {}
        flux = self.header.flux
        low, high = sigma.energy_range if flux is None else flux.energy_range
        if low == high:
            edges = low * np.array([1.0 - 0.5 * MONO_WIDTH, 1.0 + 0.5 * MONO_WIDTH])
            content, value = np.ones(1), np.asarray(sigma(np.array([low])), np.float64)
        elif flux is not None:
            edges = flux.knots()
            if len(edges) <= LEAST_BINS:  # too few to show the shape of sigma
                grid = np.linspace(low, high, LEAST_BINS + 1)
                edges = np.unique(np.concatenate([edges, grid]))
            content = flux.fractions(edges)
            middles = edges[:-1, None] + np.diff(edges)[:, None] * (np.arange(8) + 0.5) / 8
            value = sigma(np.clip(middles, *sigma.energy_range)).mean(axis=1)
        else:
            edges, value = self._edges, np.array(sigma.values)
            content = np.divide(self._counts, value, out=np.zeros_like(value), where=value > 0.0)
        return self._pair(edges, content, value)

    def _pair(
        self, edges: Floats, content: Floats, value: Floats
    ) -> dict[str, tuple[Floats, Floats]]:
        """Histograms per GeV from the flux in each bin and sigma there [cm^2 per nucleus].

        The events are scaled so that the ratio of the integrals is exact, although sigma
        inside a bin is not.
        """
        average = float((content * value).sum() / content.sum())
        scale = (self.header.flux_average or 0.0) / average
        flux = content / content.sum() / np.diff(edges)
        events = flux * value * scale / self.header.process.a / UNIT_38
        return {"FlatTree_FLUX": (flux, edges), "FlatTree_EVT": (events, edges)}
