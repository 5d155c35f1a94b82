"""The sections of the HTML report: what is shown of a validation, and in which words."""

# ruff: noqa: RUF001 - Greek letters and signs of mathematics are meant
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from nugen_gan._version import __version__
from nugen_gan.events.provenance import Provenance
from nugen_gan.physics.process import Channel
from nugen_gan.validation.hadrons.measure import HadronTests
from nugen_gan.validation.metrics.c2st import Auc, C2st
from nugen_gan.validation.metrics.channels import ChannelFractions
from nugen_gan.validation.metrics.emd import EmdRatio
from nugen_gan.validation.metrics.energy_scan import EnergyScan
from nugen_gan.validation.metrics.lepton_tests import LeptonTests
from nugen_gan.validation.metrics.map3d import Map3D
from nugen_gan.validation.metrics.structures import NarrowStructures
from nugen_gan.validation.report import drawing, figures, page
from nugen_gan.validation.report.detail_rows import structure_text
from nugen_gan.validation.report.hadron_section import HADRON_METHODS, hadron_section
from nugen_gan.validation.report.judging import p_text
from nugen_gan.validation.report.lepton_rows import SYMBOLS
from nugen_gan.validation.report.report import Report
from nugen_gan.validation.report.verdict import Measured, NotMeasured, n_eq_text, value_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["document"]

METHODS = (
    ("QE and RES peaks", "Median of W and ω of the events of the channel, and half the distance "
     "of the quantiles 16 % and 84 %, each with its dependence on E_ν taken out: generated minus "
     "reference, with the statistical error of both."),
    ("KS: W, ω and Q²", "Two-sample Kolmogorov-Smirnov tests of the ranks among the events of "
     "about the same E_ν, so that only the physics at given energy counts; at all energies and "
     "in ranges, for all events and each channel. Shown is the worst, with its distance, the "
     "largest difference of the cumulative distributions; p is that of the worst of so many."),
    ("Share of each channel", "Difference of the shares at equal E_ν after Cochran, Mantel and "
     "Haenszel, at all energies and in ranges; shown is the worst."),
    ("MAP-3D", "Mean |pull| over the bins of a histogram in (E_ν, T_ℓ/(E_ν − m), θ): 10 "
     "logarithmic bins, 50 bins, 30 bins below and 10 above 1 rad; pull = (n1 − n2)/√(n1 + n2) "
     "where n1 + n2 ≥ 20. The floor is the same for random halves of the reference, the average "
     "of 16 splits."),
    ("n_eq", "N / (2 (<pull²> − <pull²> of the floor)): how many independent events of the "
     "original generator would describe the truth as well as the model does. In brackets the "
     "range of one standard deviation."),
    ("Classifier test", "Gradient-boosted trees on (E_ν, E_ℓ, cos θ, ω, Q², W², T_ℓ fraction, "
     "log(1 − cos θ)), trained on half of the events, area under the ROC curve on the other "
     "half, error after DeLong."),
    ("Earth mover's distance", "One-dimensional Wasserstein distances in ten energy bins, each "
     "divided by the mean distance of random halves of the reference at equal size; the mean "
     "over bins, with the scatter that a perfect model would have."),
    ("Channel fractions", "Pearson's χ² of the channel counts in ten energy bins."),
    ("Narrow structures", "Events within 5 % of an energy. The peak of W is the maximum of the "
     "smoothed spectrum in 0.88–1.02 GeV (quasielastic) or 1.10–1.36 GeV (Δ), W on a free "
     "nucleon at rest; that of ω = E_ν − E_ℓ is the maximum among the events with W in the same "
     "window, as the spectrum of all events has no separate Δ peak at 2 GeV and above. Width: "
     "half the distance of the quantiles 16 % and 84 % in a window that the reference sets. "
     "Errors from bootstrap samples. A number agrees within two errors."),
    ("Regions", "MAP-3D with bins made for the region, over its floor: θ < 10°; E_ν < 0.3 GeV; "
     "y = ω/E_ν > 0.9. The bins are normalised to all events, so that their number counts too."),
    ("Worst channel", "MAP-3D over floor for the events of each channel, normalised to "
     "themselves; shown is the one furthest above its floor in standard deviations."),
    ("Uncertainty band", "Scatter of the replicas of the model, where it has any. Coverage: share "
     "of the bins of all spectra shown in which reference and model differ by less than the "
     "quadratic sum of that scatter and the statistical errors."),
    ("Distance to training events", "Median distance of generated events to the nearest training "
     "event in log E_ν and the two proxies that the networks see, over that of fresh reference "
     "events; p of a Kolmogorov-Smirnov test. Measured where the training events were given."),
    ("Verdicts", "Every row has a p value: the probability that a perfect model deviates as much. "
     "Of many rows some have a small p by accident, so p is corrected after Holm for all rows of "
     "the table: a perfect model gets any other verdict than “agrees” in at most 5 % of the "
     "reports. “agrees”: corrected p ≥ 0.05. “differs”: p < 0.01. “may differ”: between. “small "
     "difference”: corrected p < 0.05, so significant, but smaller than the tolerance: 5 MeV or "
     "3 % of the width for the peaks, 3 % of the events for the Kolmogorov-Smirnov tests, one "
     "percentage point for shares of channels (three in a single energy bin), MAP-3D within 15 % "
     "of the floor, AUC below 0.55, distances below twice the floor, n_eq above a tenth of the "
     "reference, other ratios to the floor below 1.25."),
)  # fmt: skip


def document(report: Report) -> str:
    """Return a report as one self-contained HTML document.

    Raises
    ------
    MissingExtraError
        if matplotlib is not installed.
    """
    low, high = report.energy_range
    subtitles = (
        f"{report.process.name}, {low:g}–{high:g} GeV: {report.events[1]:,d} generated against "
        f"{report.events[0]:,d} reference events",
        f"reference: {_origin(report.reference_provenance)}",
    )
    return page.page(f"Validation of {report.name}", subtitles, _sections(report))


def _sections(report: Report) -> Iterator[str]:
    notes = "".join(page.note(text) for text in report.notes)
    yield page.section(
        "Verdict", notes, page.verdicts(report.rows(), report.headline(), report.power())
    )
    if report.by_energy:
        yield page.section("By neutrino energy", _energy_table(report.by_energy))
    structures = report.details.structures
    if isinstance(structures, NarrowStructures) and structures.entries:
        yield page.section("Narrow structures", _structure_table(structures))
    lepton = report.details.lepton
    if isinstance(lepton, LeptonTests):
        yield page.section("Lepton in each channel", *_lepton(report, lepton))
    hadrons = report.details.hadrons
    methods: tuple[tuple[str, str], ...] = METHODS
    if isinstance(hadrons, HadronTests):
        yield page.section("Hadrons", *hadron_section(report, hadrons))
        methods = (*HADRON_METHODS, *METHODS)
    yield page.section("Figures", *_figures(report))
    yield page.section("How it was measured", page.definitions(methods))
    yield page.section(
        "Where it comes from",
        page.definitions((*_provenance(report), ("To reproduce", ""))),
        page.preformatted(report.command),
        _settings("generated", report.generated_provenance),
        _settings("reference", report.reference_provenance),
    )


def _energy_table(parts: tuple[Measured, ...]) -> str:
    """Measures down, energies across: the other way round is too wide for a screen."""
    head = ("", *(f"{part.low:g}–{part.high:g} GeV" for part in parts))
    names = (
        "reference events", "MAP-3D", "its floor", "n_eq", "classifier AUC", "EMD of E_ℓ",
        "EMD of θ", "EMD of Q²", "EMD of W", "channels χ² / d.o.f.",
    )  # fmt: skip
    columns = [_energy_column(part) for part in parts]
    return page.table(head, zip(names, *columns, strict=True))


def _structure_table(result: NarrowStructures) -> str:
    """All numbers of all peaks, folded: there are dozens."""
    head = ("", "reference [MeV]", "generated [MeV]", "difference", "allowed", "")
    title = f"{result.agreeing} of {len(result.entries)} agree: position and width of each peak"
    return page.folded(title, page.table(head, (
        (
            structure_text(entry),
            value_text(1e3 * entry.reference, 1e3 * entry.reference_error),
            value_text(1e3 * entry.generated, 1e3 * entry.generated_error),
            f"{1e3 * entry.difference:+.1f}", f"{1e3 * entry.allowed:.1f}",
            "agrees" if entry.agrees else "differs",
        )
        for entry in result.entries
    )))  # fmt: skip


def _lepton(report: Report, found: LeptonTests) -> Iterator[str]:
    """Spectra of the two channels with peaks, and the numbers of all tests, folded."""
    for number in (Channel.QE, Channel.RES):
        name = number.name
        if name in [peak.channel for peak in found.peaks]:
            pair = tuple(t[t.channel == number] for t in (report.reference, report.generated))
            caption = (
                f"W and ω of the {name} events of both samples, each normalised, with statistical "
                "errors. Below, generated over reference; the grey band is the error of the "
                "reference."
            )
            yield _shown(figures.peak_figure(pair[0], pair[1], name), caption)
    head: tuple[str, ...] = ("", "reference [MeV]", "generated − reference [MeV]", "p")
    yield page.folded("Peaks", page.table(head, (
        (
            f"{n.channel}, {n.quantity} of {SYMBOLS[n.variable]}", f"{1e3 * n.reference:.4g}",
            value_text(1e3 * n.difference, 1e3 * n.error), p_text(n.p_value),
        )
        for n in found.peaks
    )))  # fmt: skip
    head = ("", "E_ν [GeV]", "events", "KS distance", "p")
    yield page.folded("Kolmogorov-Smirnov tests", page.table(head, (
        (
            f"{group.channel}, {SYMBOLS[test.variable]}", f"{test.low:.3g}–{test.high:.3g}",
            f"{test.events[0]:,d} and {test.events[1]:,d}", f"{test.distance:.3f}",
            p_text(test.p_value),
        )
        for group in found.distributions for test in group.tests
    )))  # fmt: skip
    head = ("", "E_ν [GeV]", "reference [%]", "generated − reference [%]", "p")
    yield page.folded("Shares of the channels", page.table(head, (
        (
            s.channel, f"{s.low:.3g}–{s.high:.3g}", f"{100 * s.reference:.2f}",
            value_text(100 * s.difference, 100 * s.error), p_text(s.p_value),
        )
        for s in found.shares
    )))  # fmt: skip


def _energy_column(part: Measured) -> tuple[str, ...]:
    pull, size, emd = part.map3d, part.n_eq, part.emd
    distances = ("–",) * 4 if isinstance(emd, NotMeasured) else tuple(map(_cell, emd))
    return (
        f"{part.events[0]:,d}", _cell(pull),
        "–" if isinstance(pull, NotMeasured)
        else value_text(pull.floor.value, pull.floor.uncertainty),
        "–" if isinstance(size, NotMeasured) else n_eq_text(size),
        _cell(part.auc), *distances, _cell(part.channels),
    )  # fmt: skip


def _cell(result: Map3D | C2st | Auc | EmdRatio | ChannelFractions | NotMeasured) -> str:
    if isinstance(result, NotMeasured):
        return "–"
    if isinstance(result, ChannelFractions) and not result.has_channels:
        return "–"
    return value_text(result.value, result.uncertainty)


def _figures(report: Report) -> Iterator[str]:
    pair = (report.reference.without_particles(), report.generated.without_particles())
    for energy in figures.heatmap_energies(report.reference):
        caption = (
            f"Charged-lepton energy and angle at E_ν = {energy:.3g} GeV (± 5 %): reference, "
            "generated, and pull of each bin in statistical errors."
        )
        yield _shown(figures.heatmap_figure(*pair, energy), caption)
    for low, high in [(part.low, part.high) for part in report.by_energy] or [report.energy_range]:
        if not ((report.reference.enu >= low) & (report.reference.enu <= high)).any():
            continue
        caption = (
            f"Spectra for E_ν = {low:g}–{high:g} GeV with statistical errors. Below each, "
            "generated over reference; the grey band is the error of the reference."
        )
        if report.replicas:
            caption += " Blue: one standard deviation of the model's replicas."
        figure = figures.spectra_figure(*pair, (low, high), report.replicas)
        yield _shown(figure, caption)
    if isinstance(report.overall.channels, ChannelFractions):
        caption = "Share of each reaction channel: reference (points), generated (lines)."
        yield _shown(figures.channel_figure(report.overall.channels), caption)
    if isinstance(report.overall.map3d, Map3D):
        caption = "MAP-3D in each energy bin. A perfect model lies on the floor."
        yield _shown(figures.map3d_figure(report.overall.map3d), caption)
    scan = report.details.energy_scan
    if isinstance(scan, EnergyScan) and any(np.isfinite(entry.value) for entry in scan.bins):
        caption = (
            "Quality against energy: mean |pull| over floor in 40 energy bins with its error. A "
            "perfect model scatters around 1."
        )
        yield _shown(figures.energy_scan_figure(scan), caption)


def _shown(figure: Figure, caption: str) -> str:
    return page.figure(drawing.to_png_base64(figure), caption)


def _provenance(report: Report) -> Iterator[tuple[str, str]]:
    for name, source in (
        ("Generated", report.generated_provenance), ("Reference", report.reference_provenance),
    ):  # fmt: skip
        yield name, _origin(source)
        for file in source.files:
            yield f"{name} file", f"{file.name}, {file.entries:,d} entries, SHA-256 {file.sha256}"
    yield "Process", report.process.name
    yield "Seed", str(report.seed)
    yield "Made with", f"nugen-gan {__version__}"


def _settings(sample: str, source: Provenance) -> str:
    if not source.parameters:
        return ""
    pairs = ((str(key), str(value)) for key, value in source.parameters.items())
    return page.folded(f"Settings of the {sample} events", page.definitions(pairs))


def _origin(provenance: Provenance) -> str:
    names = ", ".join(file.name for file in provenance.files)
    who = f"{provenance.generator} {provenance.version}".strip()
    return " from ".join(text for text in (who, names) if text) or "unknown origin"
