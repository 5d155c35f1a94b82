"""The rows of :mod:`nugen_gan.validation.hadrons.measure`, in words."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator, Mapping

from nugen_gan.validation.hadrons.equivalent import HadronEquivalent
from nugen_gan.validation.hadrons.measure import HadronTests
from nugen_gan.validation.hadrons.multiplicities import Multiplicities
from nugen_gan.validation.hadrons.observables import OBSERVABLES
from nugen_gan.validation.hadrons.spectra import Spectra, Spectrum
from nugen_gan.validation.hadrons.topology_fractions import TopologyFractions
from nugen_gan.validation.metrics.c2st import C2st
from nugen_gan.validation.report.judging import Finding, Row
from nugen_gan.validation.report.verdict import (
    NotMeasured,
    auc_row,
    missing,
    n_eq_row,
    neighbours_row,
    value_text,
)

__all__ = ["MULTIPLICITY_ROWS", "SPECTRUM_ROWS", "hadron_rows", "yardstick_text"]

# Names of the rows by group.
MULTIPLICITY_ROWS: Mapping[str, str] = {
    "pions": "Number of pions",
    "nucleons": "Number of protons and neutrons",
    "others": "Number of photons, kaons and other particles",
}
SPECTRUM_ROWS: Mapping[str, str] = {
    "proton": "Leading proton: p and cos θ (KS)",
    "neutron": "Leading neutron: p and cos θ (KS)",
    "pion": "Leading charged pion: p and cos θ (KS)",
    "pi0": "Leading π0: p and cos θ (KS)",
    "energy": "Kinetic and available energy (KS)",
    "mass": "Visible invariant mass (KS)",
    "missing": "Hadrons fit their lepton: E_miss, p_miss (KS)",
    "imbalance": "Transverse imbalance: δp_T, δα_T, δφ_T (KS)",
}
MEANINGS: Mapping[str, str] = {
    "missing": " Energy and momentum of the hadrons do not belong to those of their lepton.",
    "imbalance": " The proton is not turned against the lepton as in the reference.",
}
# Below these a significant difference is called small: a share of all events, a part of the mean
# number of particles, events on the wrong side of some value.
SHARE, NUMBER, DISTANCE = 0.01, 0.02, 0.03


def hadron_rows(result: HadronTests | NotMeasured) -> Iterator[Finding | Row]:
    """Yield the rows, not yet judged where they have a p value."""
    if isinstance(result, NotMeasured):
        yield missing("Hadrons", "as in the reference", result)
        return
    yield _topologies(result.topologies)
    for numbers in result.multiplicities:
        yield _multiplicities(numbers)
    for spectra in result.spectra:
        yield _spectra(spectra)
    yield auc_row(result.auc, "Classifier test, lepton and hadrons")
    yield auc_row(result.deep_sets, "Classifier test, particles (deep sets)")
    yield _equivalent(result.n_eq_energy, "n_eq, hadrons: E_ν, E_avail and p of the proton")
    yield _equivalent(result.n_eq_topology, "n_eq, topologies")
    if result.neighbours is not None:
        yield neighbours_row(result.neighbours, "Hadrons: distance to training events")


def yardstick_text(result: HadronTests | NotMeasured | None) -> str:
    """One sentence on what a library of the training events would be worth; may be empty."""
    if result is None or isinstance(result, NotMeasured):
        return ""
    deck = result.yardstick
    if deck is None or isinstance(deck, NotMeasured):
        return ""
    texts = [
        f"{name} {_plain(ours)} (model) and {_plain(theirs)} (hot deck)"
        for name, ours, theirs in (
            ("classifier AUC", result.auc, deck.auc),
            ("AUC of deep sets", result.deep_sets, deck.deep_sets),
            ("topologies χ² / d.o.f.", result.topologies, deck.topologies),
        )
        if not isinstance(ours, NotMeasured) and not isinstance(theirs, NotMeasured)
    ]
    return (
        f"Against a hot deck, the hadrons of the most similar of {deck.donors:,d} training "
        f"events: {'; '.join(texts)}."
    )


def _plain(result: C2st | TopologyFractions) -> str:
    return value_text(result.value, result.uncertainty)


def _topologies(result: TopologyFractions) -> Finding:
    value, worst = value_text(result.value, result.uncertainty), result.worst
    text, shift = "The shares of the topologies at given energy are off.", 0.0
    if worst is not None:
        shift = worst.difference
        value += f", worst {worst.topology}"
        text = (
            f"{worst.topology} has {100 * worst.reference:.1f} % of the reference events and "
            f"{100 * shift:+.1f} percentage points of the generated ones more or less."
        )
    return Finding(
        "Topologies, χ² per degree of freedom", value, "1", result.p_value, abs(shift) < SHARE,
        f"{100 * SHARE:g} percentage point", "Each topology has its share at every energy.", text,
    )  # fmt: skip


def _multiplicities(result: Multiplicities) -> Finding:
    worst = result.worst
    # Of what the reference does not have at all, no percentage can be given.
    scale, unit = (100.0 / worst.mean.mean, "%") if worst.mean.mean > 0.0 else (1.0, "an event")
    value = value_text(scale * worst.mean.difference, scale * worst.mean.error)
    sign = "" if worst.mean.difference < 0.0 else "+"
    return Finding(
        MULTIPLICITY_ROWS[result.group], f"{worst.species} {sign}{value} {unit}", "0",
        result.p_value, abs(worst.relative) < NUMBER, f"{100 * NUMBER:g} % of the mean number",
        "As many in an event as in the reference, at every energy.",
        f"{worst.species}: {worst.mean.mean:.3g} an event in the reference, "
        f"{100 * worst.relative:+.1f} % in the mean; χ² of the numbers at given energy "
        f"{worst.chi2:.0f} for {worst.degrees} degrees of freedom.",
    )  # fmt: skip


def _spectra(result: Spectra) -> Finding:
    test = result.worst
    return Finding(
        SPECTRUM_ROWS[result.group], f"{test.distance:.3f} ({_where(test)})", "0",
        result.p_value, test.distance < DISTANCE, f"{100 * DISTANCE:g} % of the events",
        "The same distributions within errors.",
        f"{100 * test.distance:.1f} % of the events are on the wrong side of some value of "
        f"{OBSERVABLES[test.variable].symbol}; earth mover's distance {test.ratio:.2g} times the "
        f"floor.{MEANINGS.get(result.group, '')}",
    )  # fmt: skip


def _where(test: Spectrum) -> str:
    return f"{OBSERVABLES[test.variable].symbol}, {test.low:.3g}–{test.high:.3g} GeV"


def _equivalent(result: HadronEquivalent | NotMeasured, name: str) -> Finding | Row:
    if isinstance(result, NotMeasured):
        return n_eq_row(result, result, 0, name)
    reference = round(2.0 * result.pull.information)
    return n_eq_row(result.size, result.pull, reference, name)
