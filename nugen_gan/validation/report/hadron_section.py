"""The section of the HTML report on the hadrons: figures, tables, and how it was measured."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nugen_gan.validation.hadrons.measure import HadronTests
from nugen_gan.validation.hadrons.observables import OBSERVABLES
from nugen_gan.validation.hadrons.samples import HadronSample
from nugen_gan.validation.metrics.c2st import C2st
from nugen_gan.validation.report import drawing, page
from nugen_gan.validation.report.hadron_figures import (
    PANELS,
    observables_figure,
    shown_observables,
    topology_figure,
)
from nugen_gan.validation.report.hadron_rows import yardstick_text
from nugen_gan.validation.report.judging import p_text
from nugen_gan.validation.report.verdict import NotMeasured, value_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nugen_gan.validation.report.report import Report

__all__ = ["HADRON_METHODS", "hadron_section"]

HADRON_METHODS = (
    ("Hadrons", "All particles of the final state but the charged lepton. Energies are computed "
     "from momenta and PDG masses in both samples."),
    ("Topologies", "CC0π with no, one or more protons above 0.3 GeV/c; one π+, π− or π0; more "
     "pions; anything with another meson or baryon is “other”. Pearson's χ² in ten energy bins, "
     "and the share of each at equal E_ν; p is the smallest times the number of tests."),
    ("Numbers of particles", "For each species the mean number at equal E_ν and W of the lepton, "
     "and χ² of the events with 0, 1, 2 and more of them in ten energy bins; shown is the species "
     "with the smallest p."),
    ("KS of hadronic observables", "Kolmogorov-Smirnov tests of the ranks among the events of "
     "about the same E_ν, at all energies and in ranges. Shown is the worst; p is that of the "
     "worst of so many, where those at all energies have half of the say. Leading particles are "
     "those of highest momentum, angles those to the neutrino. The table of the tests has the "
     "earth mover's distance over its floor, that of random halves of the reference, as well; 1 "
     "is perfect."),
    ("E_avail, visible mass", "Available energy after MINERvA: kinetic energies of protons and "
     "charged pions, total energies of π0, photons, electrons and other mesons. Visible mass: "
     "that of all particles but neutrons, where there are two."),
    ("E_miss, p_miss", "Of ω and q of the lepton what the hadrons do not have: kinetic energies "
     "of nucleons, total energies of mesons and photons. p_miss along q, across it in the plane "
     "of the lepton, and out of that plane."),
    ("Transverse imbalance", "δp_T, δα_T and δφ_T of the lepton and the leading proton above "
     "0.3 GeV/c (Phys. Rev. C 94 (2016) 015503) and the azimuth of that proton about q, by the "
     "mean of its cosine, of events without pions."),
    ("Classifier tests of hadrons", "Boosted trees on the lepton, all observables and numbers of "
     "particles; and deep sets, a network on the particles themselves, summed over those of an "
     "event. Both are trained on half of the events."),
    ("n_eq of hadrons", "As n_eq of the lepton, on histograms in (E_ν, E_avail / E_ν, momentum of "
     "the leading proton) and in (E_ν, topology)."),
    ("Hadrons: distance to training events", "As that of the lepton, in the momenta of the "
     "leading particles and of the rest, relative to q."),
    ("Hot deck", "Each lepton gets the hadrons of the training event nearest in ω and |q| of its "
     "channel, turned to its q and rescaled. It invents nothing: a library, not a model."),
)  # fmt: skip


def hadron_section(report: Report, tests: HadronTests) -> Iterator[str]:
    """Yield the pieces of HTML: yardstick, figures, tables of all numbers."""
    text = yardstick_text(tests)
    if text:
        yield page.paragraph(text)
    yield _shown(
        topology_figure(tests.topologies),
        "Share of each final-state topology: reference (points), generated (lines).",
    )
    pair = HadronSample.of(report.reference), HadronSample.of(report.generated)
    for title, names in PANELS.items():
        shown = tuple(shown_observables(*pair, names))
        if shown:
            caption = (
                f"Spectra at all energies, {title}, with statistical errors. Below each, generated "
                "over reference; the grey band is the error of the reference."
            )
            yield _shown(observables_figure(*pair, shown, title), caption)
    yield page.folded("Numbers of particles", _numbers(tests))
    yield page.folded("Topologies", _topologies(tests))
    yield page.folded("Spectra: Kolmogorov-Smirnov tests and distances", _spectra(tests))
    if isinstance(tests.auc, C2st) or isinstance(tests.deep_sets, C2st):
        yield page.folded("Classifier tests by energy", _classifiers(tests))


def _shown(figure: Figure, caption: str) -> str:
    return page.figure(drawing.to_png_base64(figure), caption)


def _numbers(tests: HadronTests) -> str:
    head = ("", "reference, an event", "generated − reference", "relative", "χ² / d.o.f.", "p")
    return page.table(head, (
        (
            entry.species, f"{entry.mean.mean:.4g}",
            value_text(entry.mean.difference, entry.mean.error), f"{100 * entry.relative:+.2f} %",
            f"{entry.chi2:.0f} / {entry.degrees}", p_text(entry.p_value),
        )
        for group in tests.multiplicities for entry in group.species
    ))  # fmt: skip


def _topologies(tests: HadronTests) -> str:
    head = ("", "reference [%]", "generated − reference [%]", "p")
    return page.table(head, (
        (
            share.topology, f"{100 * share.reference:.2f}",
            value_text(100 * share.difference, 100 * share.error), p_text(share.p_value),
        )
        for share in tests.topologies.shares
    ))  # fmt: skip


def _spectra(tests: HadronTests) -> str:
    head = ("", "E_ν [GeV]", "events", "KS distance", "p", "EMD over floor", "of the hot deck")
    deck = tests.yardstick
    others = {}
    if deck is not None and not isinstance(deck, NotMeasured):
        others = {
            (test.variable, test.low): test.ratio for group in deck.spectra for test in group.tests
        }
    return page.table(head, (
        (
            OBSERVABLES[test.variable].symbol, f"{test.low:.3g}–{test.high:.3g}",
            f"{test.events[0]:,d} and {test.events[1]:,d}", f"{test.distance:.3f}",
            p_text(test.p_value), value_text(test.ratio, test.scatter),
            f"{others[test.variable, test.low]:.2f}" if (test.variable, test.low) in others else "",
        )
        for group in tests.spectra for test in group.tests
    ))  # fmt: skip


def _classifiers(tests: HadronTests) -> str:
    deck = tests.yardstick
    columns = [("lepton and hadrons", tests.auc), ("particles (deep sets)", tests.deep_sets)]
    if deck is not None and not isinstance(deck, NotMeasured):
        columns += [
            ("hot deck: lepton and hadrons", deck.auc),
            ("hot deck: particles", deck.deep_sets),
        ]
    measured = [(name, result) for name, result in columns if isinstance(result, C2st)]
    ranges = measured[0][1].by_energy
    head = ("", "all", *(f"{part.low:g}–{part.high:g} GeV" for part in ranges))
    return page.table(head, (
        (
            name, value_text(result.value, result.uncertainty),
            *(value_text(part.value, part.uncertainty) for part in result.by_energy),
        )
        for name, result in measured
    ))  # fmt: skip
