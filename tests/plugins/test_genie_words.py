"""Options, lists of generators, fluxes and models are understood as gevgen's users mean them."""

import numpy as np
import pytest
from nugen_gan_genie.fluxes import histogram_of, read_flux
from nugen_gan_genie.gevgen import OPTIONS
from nugen_gan_genie.lists import channels_of
from nugen_gan_genie.models import choose_models
from nugen_gan_genie.options import read_options
from nugen_gan_genie.run import read_probe, read_target

from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import MonoFlux
from nugen_gan.physics.process import Channel, Process

KNOWN = tuple(int(c) for c in (Channel.QE, Channel.MEC, Channel.RES, Channel.COH, Channel.DIS))
CARBON, ARGON = (Process.from_name(f"numu_cc_{name}") for name in ("C12", "Ar40"))


def test_options_in_any_order_and_form():
    words = "-p -14 --seed=7 -n 1e5 --event-generator-list CC --run 3 --cc-only".split()
    found = read_options(words, OPTIONS)
    assert found.get("p") == "-14"
    assert (found.whole("seed"), found.whole("n"), found.whole("r")) == (7, 100_000, 3)
    assert "cc-only" in found


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("--message_thresholds", "message-thresholds"), ("--cross-section", "cross-sections"),
        ("--event_generator_list", "event-generator-list"), ("-seed", "seed"),
        ("--event-generator-lists", "event-generator-list"), ("--Tune", "tune"),
    ],
)  # fmt: skip
def test_misspellings(word, meant):
    found = read_options([word, "1"], OPTIONS)
    assert found.get(meant) == "1"


@pytest.mark.parametrize("words", [["--nonsense", "1"], ["-n"], ["10"], ["-z", "1"]])
def test_words_that_make_no_sense(words):
    with pytest.raises(UsageError):
        read_options(words, OPTIONS)


@pytest.mark.parametrize("number", ["ten", "-5", "1.5"])
def test_numbers_that_are_none(number):
    with pytest.raises(UsageError, match="whole number"):
        read_options(["-n", number], OPTIONS).whole("n")


@pytest.mark.parametrize(
    ("name", "channels"),
    [
        ("CC", None), ("CCinclMEC", None), ("CCQE", {Channel.QE}), ("CCMEC", {Channel.MEC}),
        ("CCRES", {Channel.RES}), ("CCDIS", {Channel.DIS}), ("CCCOH", {Channel.COH}),
        ("CCQE+CCMEC", {Channel.QE, Channel.MEC}), ("CCQE+CCMEC+CCRES+CCDIS+CCCOH", None),
    ],
)  # fmt: skip
def test_lists_of_charged_currents(name, channels):
    found, _ = channels_of(name, KNOWN, cc_only=False)
    assert found == (None if channels is None else frozenset(channels))


@pytest.mark.parametrize(
    ("name", "channels"),
    [(None, None), ("Default", None), ("Default+CCMEC", None), ("Default+CCMEC+NCMEC", None),
     ("Default+MEC", None), ("QE", {Channel.QE})],
)  # fmt: skip
def test_lists_with_neutral_currents(name, channels):
    with pytest.raises(UsageError, match="--cc-only"):
        channels_of(name, KNOWN, cc_only=False)
    found, notes = channels_of(name, KNOWN, cc_only=True)
    assert found == (None if channels is None else frozenset(channels))
    assert "charged currents only" in notes[0]


@pytest.mark.parametrize("name", ["NC", "NCEL", "NuEElastic", "IMD", "Charm", "Mine", "LambdaCCQE"])
def test_lists_that_cannot_be_made(name):
    with pytest.raises(UsageError, match=name):
        channels_of(name, KNOWN, cc_only=True)


def test_one_energy():
    assert read_flux("1", None).flux == MonoFlux(1.0)


def test_a_range_without_a_flux_is_its_lower_end():
    found = read_flux("0.5,5", None)
    assert found.flux == MonoFlux(0.5)
    assert "WITHOUT -f" in found.notes[0]
    with pytest.raises(UsageError, match="-f 1"):
        read_flux("0,10", None)


def test_a_function():
    flux = read_flux("0.5,5", "x*x*exp((-x*x+3)/4)").flux
    assert flux.energy_range == (0.5, 5.0)
    assert len(flux.contents) == 300
    enu = np.linspace(0.5, 5, 100_001)
    values = enu**2 * np.exp((-(enu**2) + 3) / 4)
    assert flux.mean_energy() == pytest.approx((enu * values).sum() / values.sum(), rel=1e-3)


def test_a_histogram(fluxes):
    found = read_flux("0.5,3", f"{fluxes}/flux.root,numu")
    # Bins of 0.5 GeV from 0.2 GeV: those wholly within are 0.7 to 2.7 GeV.
    assert found.flux.energy_range == pytest.approx((0.7, 2.7))
    np.testing.assert_allclose(found.flux.fractions([0.7, 1.2, 1.7, 2.2, 2.7]),
                               np.array([3, 5, 4, 2]) / 14)  # fmt: skip
    assert "left out" in " ".join(found.notes)


@pytest.mark.parametrize(
    ("choice", "contents"),
    [("", [0.8, 1.8, 2.0, 2.0]), (",WIDTH", [0.8, 1.8, 2, 2]), (",NOWIDTH", [4, 3, 2, 1])],
)
def test_bins_of_different_widths(choice, contents, fluxes):
    flux = read_flux("0,10", f"{fluxes}/flux.root,uneven{choice}").flux
    shares = flux.fractions([0.2, 0.4, 1.0, 2.0, 4.0])
    np.testing.assert_allclose(shares, np.array(contents) / sum(contents))


def test_a_text_file_and_a_power_law(fluxes):
    flux = read_flux("0.2,5", f"{fluxes}/flux.txt").flux
    enu = np.linspace(0.2, 5, 100_001)
    values = enu * np.exp(-enu)
    assert flux.mean_energy() == pytest.approx((enu * values).sum() / values.sum(), rel=2e-3)
    assert read_flux("0.2,5", "POWERLAW:1").flux.mean_energy() == pytest.approx(
        4.8 / np.log(25), rel=1e-3
    )


@pytest.mark.parametrize(
    ("energy", "words"),
    [
        ("1", "x"), ("5,1", "x"), ("a", None), ("0.2,5", "x-1"), ("0.2,5", "0"),
        ("0.2,5", "gone.root,numu"), ("0.2,5", "no/such.txt"), ("0,5", "POWERLAW:1"),
        ("0.2,5", "POWERLAW:a"), ("20,30", "flux.root,numu"), ("0.2,5", "flux.root,nothing"),
        ("0.2,5", "flux.txt,numu"), ("20,30", "flux.txt"), ("0.2,5", "flux.root,numu,WIDTH,WIDTH"),
        ("-1,5", "x"),
    ],
)  # fmt: skip
def test_fluxes_that_are_none(energy, words, fluxes, monkeypatch):
    monkeypatch.chdir(fluxes)
    with pytest.raises(UsageError):
        read_flux(energy, words)


def test_a_histogram_of_any_flux():
    contents, edges = histogram_of(read_flux("0.2,5", "POWERLAW:1").flux)
    assert (len(contents), edges[0], edges[-1]) == (300, 0.2, 5.0)
    contents, edges = histogram_of(MonoFlux(1.0))
    assert edges[0] < 1.0 < edges[-1]


def test_probes_and_targets():
    assert read_probe("-14") == -14
    with pytest.raises(UsageError, match="one neutrino"):
        read_probe("-14,14")
    mixture = read_target("1000060120[0.9231],1000010010[0.0769]")
    assert mixture.mass_fractions[1000010010] == pytest.approx(0.0769)
    with pytest.raises(UsageError, match="fractions of mass"):
        read_target("1000060120,1000010010")


def test_genies_own_model_comes_first():
    chosen = choose_models({CARBON: "all"}, "G18_10a_02_11a", (), accept=False)[CARBON]
    assert (chosen.model.name, chosen.warning) == ("numu_cc_C12_genie", "")
    chosen = choose_models({CARBON: "all"}, None, (), accept=False)[CARBON]
    assert chosen.model.name == "numu_cc_C12_genie"
    assert "no --tune was given, of which GENIE takes G18_02a_00_000" in chosen.warning


def test_another_tune_is_an_error_or_a_loud_warning():
    with pytest.raises(UsageError, match=r"G18_10a_02_11a\. Fine-tune.*--accept-tune"):
        choose_models({CARBON: "all"}, "AR23_20i_00_000", (), accept=False)
    with pytest.raises(UsageError, match=r"NuWro 25\.11"):
        choose_models({ARGON: "all"}, "AR23_20i_00_000", (), accept=False)
    chosen = choose_models({ARGON: "all"}, "AR23_20i_00_000", (), accept=True)[ARGON]
    assert "THE EVENTS FOLLOW THE MODEL" in chosen.warning


def test_a_mixture_has_models_of_one_generator():
    chosen = choose_models({CARBON: "half", ARGON: "half"}, None, (), accept=False)
    assert [one.model.name for one in chosen.values()] == ["numu_cc_C12", "numu_cc_Ar40"]


def test_missing_models_are_named():
    wanted = {CARBON: "92 %", Process.from_name("numu_cc_H1"): "7.69 % of the mass is H1"}
    with pytest.raises(UsageError, match=r"no model of numu_cc_H1 \(7\.69 % of the mass is H1\)"):
        choose_models(wanted, None, (), accept=False)
