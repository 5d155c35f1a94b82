"""Which channels a run asks for, and what is done about those that no model makes."""

from __future__ import annotations

from dataclasses import dataclass

from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Channel
from nugen_gan_nuwro.cards import Card
from nugen_gan_nuwro.errors import NoChannelError

__all__ = ["CC_ONLY", "Dynamics", "asked_dynamics", "electron_cross_section"]

# Switch and channel of charged currents, in the order of dyn = 0, 2, 4, 6, 8, 10.
CHARGED = {
    "dyn_qel_cc": Channel.QE, "dyn_res_cc": Channel.RES, "dyn_dis_cc": Channel.DIS,
    "dyn_coh_cc": Channel.COH, "dyn_mec_cc": Channel.MEC, "dyn_hyp_cc": Channel.HYP,
}  # fmt: skip
NEUTRAL = ("dyn_qel_nc", "dyn_res_nc", "dyn_dis_nc", "dyn_coh_nc", "dyn_mec_nc")
ELECTRONS = ("dyn_qel_el", "dyn_res_el")
# The variable that stands for --cc-only.
CC_ONLY = "NUGEN_CC_ONLY"
# sin^2 of the weak mixing angle (PDG 2024, on-shell at low energies), and 2 G_F^2 m_e / pi
# [cm^2 / GeV], of which couplings make the cross section of neutrinos on electrons.
SIN2, UNIT = 0.2312, 1.723e-41


@dataclass(frozen=True, slots=True)
class Dynamics:
    """The channels of a run.

    Attributes
    ----------
    channels : those of charged currents that are on
    dropped : switches that are on and of which nothing is made, neutral currents
    electrons : whether scattering off electrons is on, of which nothing is made either
    """

    channels: frozenset[Channel]
    dropped: tuple[str, ...]
    electrons: bool

    def of(self, known: tuple[int, ...]) -> frozenset[Channel] | None:
        """The channels to pick from those that a model knows; None for all of them."""
        labels = {Channel(code) for code in known}
        if labels - {Channel.OTHER} <= self.channels:
            return None
        return frozenset(labels & self.channels)


def asked_dynamics(card: Card, *, cc_only: bool) -> Dynamics:
    """Read the switches ``dyn_*``.

    Raises
    ------
    NoChannelError
        if no channel of charged currents is on.
    UsageError
        if neutral currents are on, unless ``cc_only``; if electrons are to be scattered.
    """
    on = [name for name in ELECTRONS if card.values[name]]
    if on:
        raise UsageError(f"{' and '.join(on)} = 1: scattering of electrons is not possible here")
    channels = frozenset(channel for name, channel in CHARGED.items() if card.values[name])
    neutral = tuple(name for name in NEUTRAL if card.values[name])
    if not channels:
        only = f": only {', '.join(neutral)}, which are neutral currents" if neutral else ""
        raise NoChannelError(
            f"no charged-current channel is on{only}. The models make charged currents; switch on "
            f"some of {', '.join(CHARGED)}"
        )
    if neutral and not cc_only:
        raise UsageError(
            f"{', '.join(neutral)} = 1: the models make charged currents only. With --cc-only (or "
            f"{CC_ONLY}=1 in the environment) the charged-current part is made, and weight and "
            "xsections are of that part; or set these to 0"
        )
    return Dynamics(channels, neutral, bool(card.values["dyn_lep"]))


def electron_cross_section(probe: int, energy: float, electrons: float) -> float:
    """Cross section of a neutrino on electrons [cm^2 per nucleon], the outgoing energy summed.

    2 G_F^2 m_e E / pi (g_L^2 + g_R^2 / 3), for antineutrinos with g_L and g_R exchanged
    ('t Hooft, Phys. Lett. B 37 (1971) 195); inverse muon decay, above 10.9 GeV, is left out.

    Parameters
    ----------
    probe : PDG code
    energy : mean of the flux [GeV]
    electrons : per nucleon
    """
    left, right = (0.5 if abs(probe) == 12 else -0.5) + SIN2, SIN2
    if probe < 0:
        left, right = right, left
    return UNIT * energy * (left**2 + right**2 / 3.0) * electrons
