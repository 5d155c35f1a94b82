"""The 99 branches of GENIE's summary tree, filled from the lepton and what leaves the nucleus.

=====================  ====================================================================
branches               content
=====================  ====================================================================
``x y Q2 W``           from the lepton, on a nucleon at rest of the mean mass, as GENIE does;
                       ``W`` is -1 where its square is negative
``xs ys Q2s Ws``       the same, for want of the internal ones; ``t`` and ``ts`` are -1
``qel`` ... ``cc``     ``cc`` and the flag of the channel; none of them for OTHER
``neut_code``          QE 1, MEC 2, HYP 3, RES 11, COH 16, DIS 26, OTHER 0; negative for
                       antineutrinos
``nuance_code``        QE 1, RES 3, COH 97, DIS 91; 0 for others
``XSec``               total charged-current cross section at ``Ev`` [1e-38 cm^2 per nucleus];
                       GENIE's own is of the one reaction.  0 where unknown
``nf`` and ``pdgf``    what leaves the nucleus beside the charged lepton; ``cthf`` is the cosine to
... ``cthf``           the neutrino, 1 for a particle at rest
``nfp`` ... ``nfother``  numbers of p and its antiparticle, n and its own, pi+, pi-, pi0, K+, K-, K0
                       and its own, photons and e+-, and of all others, ``K0_S`` and ``K0_L`` too
``sumKEf``             kinetic energies of the lepton and of these, with the mass that energy and
                       momentum give
``calresp0``           kinetic energies without the lepton's; 1.3 times the energy of pi0, photons
                       and e+-; of antinucleons the energy and twice the mass
all other particles    absent: ``hitnuc``, ``ni`` and all counts ``ni...`` are 0, ``resid`` is -99
=====================  ====================================================================

Where the hadrons are not known, ``nf``, its counts and ``calresp0`` are 0 too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nugen_gan.adapters.azimuth import event_numbers
from nugen_gan.adapters.final_state import FinalState, final_state
from nugen_gan.adapters.genie.files import sigma_38
from nugen_gan.adapters.lists import check_lengths
from nugen_gan.events.particles import Flat, flat, no_particles
from nugen_gan.events.table import EventTable
from nugen_gan.physics import species
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.kinematics import NUCLEON_MASS
from nugen_gan.physics.process import Channel

if TYPE_CHECKING:
    from uproot import WritableDirectory

__all__ = ["BRANCHES", "HYPERON_CODE", "LISTS", "TREE", "columns", "make_tree"]

Floats = NDArray[np.float64]
TREE = "gst"
HYPERON_CODE = 3
NEUT_CODE = {
    Channel.QE: 1, Channel.MEC: 2, Channel.HYP: HYPERON_CODE, Channel.RES: 11, Channel.COH: 16,
    Channel.DIS: 26,
}  # fmt: skip
NUANCE_CODE = {Channel.QE: 1, Channel.RES: 3, Channel.COH: 97, Channel.DIS: 91}
CHANNELS_OF_FLAG = {
    "qel": (Channel.QE, Channel.HYP), "mec": (Channel.MEC,), "res": (Channel.RES,),
    "dis": (Channel.DIS,), "coh": (Channel.COH,),
}  # fmt: skip
# Counters of the final state and what each counts; a last one, nfother, has all the rest.
COUNTERS = {
    "nfp": (2212, -2212), "nfn": (2112, -2112), "nfpip": (211,), "nfpim": (-211,), "nfpi0": (111,),
    "nfkp": (321,), "nfkm": (-321,), "nfk0": (311, -311), "nfem": (22, 11, -11),
}  # fmt: skip
# What showers, the response to it over that to a hadron, and what annihilates.
SHOWERING, SHOWER_RESPONSE = (111, 22, 11, -11), 1.3
ANTINUCLEONS = (-2212, -2112)
# Length of the arrays that GENIE's own programs have for a list.
CAPACITY = 250
NO_RESONANCE = -99
UNDEFINED = -1.0


def _typed(names: str, dtype: type) -> dict[str, np.dtype[Any]]:
    return {name: np.dtype(dtype) for name in names.split()}


# Lists of particles: those before final-state interactions and the final ones, in which the
# charged lepton has no place.
LISTS = {
    "i": _typed("pdgi resc", np.int32) | _typed("Ei pxi pyi pzi", np.float64),
    "f": _typed("pdgf", np.int32) | _typed("Ef pxf pyf pzf pf cthf", np.float64),
}
# All branches in GENIE's order; a list stands for its counter and its fields.
BRANCHES: dict[str, Any] = {
    **_typed("iev neu fspl tgt Z A hitnuc hitqrk resid", np.int32),
    **_typed(
        "sea qel mec res dis coh dfr imd norm imdanh singlek nuel em cc nc charm amnugamma hnl",
        np.bool_,
    ),
    **_typed("neut_code nuance_code", np.int32),
    **_typed(
        "wght xs ys ts Q2s Ws x y t Q2 W EvRF Ev pxv pyv pzv En pxn pyn pzn El pxl pyl pzl pl cthl",
        np.float64,
    ),
    **_typed("nfp nfn nfpip nfpim nfpi0 nfkp nfkm nfk0 nfem nfother", np.int32),
    **_typed("nip nin nipip nipim nipi0 nikp nikm nik0 niem niother", np.int32),
    "i": None,
    "f": None,
    **_typed("vtxx vtxy vtxz vtxt sumKEf calresp0 XSec DXSec", np.float64),
    **_typed("KPS", np.uint32),
}


def make_tree(file: WritableDirectory) -> Any:
    """Create the empty tree."""
    import awkward as ak

    types: dict[str, Any] = dict(BRANCHES)
    for name, fields in LISTS.items():
        one = ak.zip({field: np.zeros(1, dtype) for field, dtype in fields.items()})
        types[name] = ak.types.ListType(one.type.content)
    return file.mktree(
        TREE,
        types,
        title="GENIE Summary Event Tree",
        counter_name=lambda counted: "n" + counted,
        field_name=lambda outer, inner: inner,
    )


def columns(table: EventTable, first: int, phi: Floats, sigma: CrossSection | None) -> Any:
    """Return all columns of a block of N events, with GENIE's names and types.

    Parameters
    ----------
    table : N events
    first : number of the first of them in its run
    phi : azimuth of the lepton [rad], shape (N,)
    sigma : cross section, None where unknown
    """
    n, state = len(table), final_state(table, phi)
    nothing = flat(no_particles(n))
    hadrons = nothing if state.hadrons is None else state.hadrons
    check_lengths(hadrons.counts, CAPACITY, "GENIE's summary tree")
    filled = {**_kind(table), **_kinematics(state), **_counts(hadrons)}
    filled["iev"] = event_numbers(first, n)
    filled["XSec"] = sigma_38(table, sigma)
    filled["sumKEf"] = filled["sumKEf"] + hadrons.sums(_kinetic(hadrons))
    filled["calresp0"] = hadrons.sums(_response(hadrons))
    lists = {"i": _lists("i", nothing), "f": _lists("f", hadrons)}
    return {
        name: lists[name] if dtype is None else _column(filled.get(name, 0), n, dtype)
        for name, dtype in BRANCHES.items()
    }


def _column(value: Any, n: int, dtype: np.dtype[Any]) -> NDArray[Any]:
    return np.broadcast_to(np.asarray(value), (n,)).astype(dtype)


def _lists(name: str, those: Flat) -> Any:
    """A list of particles with GENIE's fields."""
    import awkward as ak

    momentum = np.sqrt(those.px**2 + those.py**2 + those.pz**2)
    cosine = np.ones_like(momentum)
    np.divide(those.pz, momentum, out=cosine, where=momentum > 0.0)
    columns: dict[str, NDArray[Any]] = {
        "pdg": those.pdg, "E": those.E, "px": those.px, "py": those.py, "pz": those.pz,
        "p": momentum, "cth": cosine,
    }  # fmt: skip
    zeros = np.zeros_like(those.pdg)
    content = ak.zip({
        field: columns.get(field.removesuffix(name), zeros).astype(dtype)
        for field, dtype in LISTS[name].items()
    }).layout  # fmt: skip
    offsets = ak.index.Index64(np.concatenate([[0], np.cumsum(those.counts)]))
    return ak.Array(ak.contents.ListOffsetArray(offsets, content))


def _counts(those: Flat) -> dict[str, Any]:
    """The counters of the final state."""
    counts = {name: those.number(np.isin(those.pdg, codes)) for name, codes in COUNTERS.items()}
    return counts | {"nfother": those.counts - sum(counts.values())}


def _kinetic(those: Flat) -> Floats:
    """Kinetic energy of each particle [GeV], with the mass of its four-momentum, as GENIE's."""
    square = those.E**2 - those.px**2 - those.py**2 - those.pz**2
    return np.asarray(those.E - np.copysign(np.sqrt(abs(square)), square))


def _response(those: Flat) -> Floats:
    """Response of a calorimeter to each particle [GeV], as GENIE has it."""
    response = _kinetic(those)
    showers, annihilates = (np.isin(those.pdg, codes) for codes in (SHOWERING, ANTINUCLEONS))
    response[showers] = SHOWER_RESPONSE * those.E[showers]
    response[annihilates] = (those.E + 2.0 * species.mass(those.pdg))[annihilates]
    return response


def _kind(table: EventTable) -> dict[str, Any]:
    """What collided, and the reaction."""
    process = table.process
    sign = -1 if process.is_antineutrino else 1
    flags = {flag: np.isin(table.channel, codes) for flag, codes in CHANNELS_OF_FLAG.items()}
    return {
        "neu": process.probe, "fspl": process.lepton, "tgt": process.target, "Z": process.z,
        "A": process.a, "resid": NO_RESONANCE, "cc": True, "wght": table.weight,
        "neut_code": sign * _codes(table, NEUT_CODE), "nuance_code": _codes(table, NUANCE_CODE),
        **flags,
    }  # fmt: skip


def _codes(table: EventTable, codes: dict[Channel, int]) -> NDArray[np.int32]:
    result = np.zeros(len(table), np.int32)
    for channel, code in codes.items():
        result[table.channel == channel] = code
    return result


def _kinematics(state: FinalState) -> dict[str, Any]:
    table = state.table
    derived, mass = table.derived(), table.process.lepton_mass
    q2, omega, w2 = derived.q2, derived.omega, derived.w2
    w = np.where(w2 >= 0.0, np.sqrt(np.clip(w2, 0.0, None)), UNDEFINED)
    x = np.full(len(table), UNDEFINED)
    np.divide(q2, 2.0 * NUCLEON_MASS * omega, out=x, where=omega > 0.0)
    y = omega / table.enu
    px, py, pz = state.lepton
    return {
        "xs": x, "ys": y, "ts": UNDEFINED, "Q2s": q2, "Ws": w,
        "x": x, "y": y, "t": UNDEFINED, "Q2": q2, "W": w,
        "EvRF": table.enu, "Ev": table.enu, "pzv": table.enu,
        "El": table.elep, "pxl": px, "pyl": py, "pzl": pz,
        "pl": np.sqrt(np.clip(table.elep**2 - mass**2, 0.0, None)), "cthl": table.costheta,
        "sumKEf": table.elep - mass,
    }  # fmt: skip
