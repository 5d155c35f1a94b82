import bz2
import gzip
import itertools
import lzma
from contextlib import suppress

import numpy as np
import pytest
from hepmc3_library import hepmc3
from mutants import mutants as binary_mutants
from mutants import read_or_refuse
from nuhepmc_toys import AVERAGE, FLUX, SIGMA, plain_read, toy_events, write

from nugen_gan.adapters.nuhepmc import check as nuhepmc_check
from nugen_gan.conversion.convert import convert, read
from nugen_gan.conversion.convert import write as write_table
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import EmptySelectionError, FormatError, NugenError, UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance
from nugen_gan.generation.energies import follow_flux
from nugen_gan.generation.single import generate_single
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import MonoFlux, PowerLawFlux, histogram_flux
from nugen_gan.physics.kinematics import is_physical
from nugen_gan.physics.nuclei import nuclear_mass
from nugen_gan.physics.process import Channel

PB = 1e-36


def same_columns(back, events):
    for name in events.present():
        np.testing.assert_array_equal(getattr(back.stored(), name), getattr(events, name))


@pytest.mark.parametrize("suffix", [".hepmc3", ".hepmc3.gz"])
@pytest.mark.parametrize("process", ["numu_cc_C12", "numubar_cc_H1", "nue_cc_Ar40"])
def test_everything_survives_a_round_trip(tmp_path, process, suffix):
    events = toy_events(1000, process, weighted=True)
    origin = Provenance("NuWro", "1.0", {"seed": 5, "text": "ü\\|\n" * 9})
    flow = CutFlow((("read", 1200), ("charged current", 1000)))
    back = read(write(tmp_path / f"a{suffix}", events, provenance=origin, cutflow=flow))
    same_columns(back, events)
    assert back.process == events.process
    assert back.cross_section == SIGMA
    assert back.provenance == origin
    assert back.cutflow == flow


def test_kinematics_keep_ten_digits(tmp_path):
    events = toy_events(2000)
    back = read(write(tmp_path / "a.hepmc3", events))
    for name in ("enu", "elep"):
        np.testing.assert_allclose(getattr(back, name), getattr(events, name), rtol=1e-11)
    np.testing.assert_allclose(back.costheta, events.costheta, atol=1e-9)


def test_four_momentum_closes_to_the_last_digit(tmp_path):
    text = write(tmp_path / "a.hepmc3", toy_events(300)).read_text()
    for event in text.split("\nE ")[1:]:
        rows = [line.split() for line in event.split("\n") if line.startswith("P ")]
        momenta = [[round(float(x) * 1e12) for x in row[4:8]] for row in rows]
        # Integers: no tolerance.
        for i in range(4):
            assert momenta[0][i] + momenta[1][i] == momenta[2][i] + momenta[3][i]
        mass = float(rows[3][8])
        px, py, pz, energy = (float(x) for x in rows[3][4:8])
        # Negative for a spacelike momentum, as in HepMC3: a lepton flung back by nothing.
        square = energy**2 - px**2 - py**2 - pz**2
        assert mass * abs(mass) == pytest.approx(square, rel=1e-9)


def test_the_target_has_the_mass_of_its_nucleus(tmp_path):
    text = write(tmp_path / "a.hepmc3", toy_events(1)).read_text()
    assert "P 2 0 1000060120 0 0 0 11.174864296344 11.174864296344 20\n" in text
    assert nuclear_mass(1000010010) == pytest.approx(0.938272088)
    assert nuclear_mass(1000010020) == pytest.approx(1.875612943, abs=1e-7)
    assert nuclear_mass(1000180400) == pytest.approx(37.215523, abs=1e-4)
    # A nucleus that nobody has measured, by the formula, which is good to a per mille.
    assert nuclear_mass(1000060230) == pytest.approx(23 * 0.9355, rel=3e-3)
    assert "P 2 0 1000010010 " in write(tmp_path / "b.hepmc3", toy_events(1, "numu_cc_H1")
                                        ).read_text()  # fmt: skip


@pytest.mark.parametrize("suffix", [".hepmc3", ".hepmc3.gz"])
def test_the_same_events_give_the_same_bytes_in_any_chunks(tmp_path, suffix):
    events = toy_events(60_000)
    whole = write(tmp_path / f"a{suffix}", events).read_bytes()
    bounds = [0, 7, 4096, 49_999, 50_001, 60_000]
    chunks = [events[a:b] for a, b in itertools.pairwise(bounds)]
    assert write(tmp_path / f"b{suffix}", events, chunks).read_bytes() == whole
    other = write(tmp_path / f"c{suffix}", events, provenance=Provenance(parameters={"seed": 1}))
    assert other.read_bytes() != whole


def test_generated_events_do_not_depend_on_chunks(tmp_path, tiny_model):
    plan = follow_flux(PowerLawFlux(1.0, 0.3, 10.0), tiny_model.cross_section, "E^-1")
    paths = [tmp_path / f"{chunk}.hepmc3" for chunk in (100, 777, 5000)]
    for path in paths:
        generate_single(tiny_model, path, 2000, plan, seed=5, chunk=int(path.stem))
    assert len({path.read_bytes() for path in paths}) == 1
    assert nuhepmc_check.check(paths[0]).conforms
    assert read(paths[0]).provenance.parameters["seed"] == 5
    assert "trained_on" in read(paths[0]).provenance.parameters


def test_the_file_conforms(tmp_path):
    report = nuhepmc_check.check(write(tmp_path / "a.hepmc3", toy_events(500, weighted=True)))
    assert report.conforms, str(report)
    met = {finding.label for finding in report.findings if finding.status == "met"}
    assert {"G.C.2", "G.C.3", "G.C.4", "G.C.5", "E.C.1", "E.C.2", "E.C.4", "P.C.2"} <= met


def test_both_spellings_are_in_the_header(tmp_path):
    text = write(tmp_path / "a.hepmc3", toy_events(1)).read_text()
    for line in (
        "A NuHepMC.Beam.Type Histogram", "A NuHepMC.Beam[14].Type Histogram",
        "A NuHepMC.Beam.FluxUnit Arbitrary", "A NuHepMC.Beam.RateUnit Arbitrary",
        "A NuHepMC.AdditionalParticleNumber[2009900000].Name NuclearRemnant",
        "A NuHepMC.AdditionalParticleInfo[2009900000].Name NuclearRemnant",
        "A NuHepMC.Units.CrossSection.Unit pb", "A NuHepMC.Units.CrossSection.TargetScale PerAtom",
    ):  # fmt: skip
        assert f"\n{line}\n" in text
    assert "\nA NuHepMC.AdditionalParticleInfo[2009900000].Description " in text


def test_what_is_unknown_is_not_signalled(tmp_path):
    path = write(tmp_path / "a.hepmc3", toy_events(5), flux=None, cross_section=None)
    signalled = Sample([path]).source._files[0].header.conventions()
    assert not {"G.C.4", "E.C.2"} & set(signalled)
    assert nuhepmc_check.check(path).conforms
    assert Sample([path]).header(toy_events(1).process).flux_average == pytest.approx(AVERAGE)


def test_a_coarse_cross_section_does_not_contradict_the_header(tmp_path):
    """Counted from few events, sigma(E) may be one bin over all energies."""
    coarse = CrossSection((0.3, 10.0), (AVERAGE,), (AVERAGE,))
    flux = histogram_flux([0.3, 0.5, 10.0], [9.0, 1.0])
    path = write(tmp_path / "a.hepmc3", toy_events(50), cross_section=coarse, flux=flux)
    report = nuhepmc_check.check(path)
    assert report.conforms
    assert report["E.C.2"].status == "not applicable"


def test_a_cross_section_is_needed(tmp_path, events):
    with pytest.raises(UsageError, match="--cross-section"):
        write(tmp_path / "a.hepmc3", events, flux_average=None)
    with pytest.raises(UsageError, match="--cross-section"):
        write_table(events, tmp_path / "b.hepmc3")
    assert list(tmp_path.glob("b*")) == []


def test_a_table_in_memory_implies_its_flux_average(tmp_path):
    path = write_table(toy_events(20_000), tmp_path / "a.hepmc3")
    assert Sample([path]).header(read(path).process).flux_average == pytest.approx(
        AVERAGE, rel=0.03
    )


@pytest.mark.parametrize("weighted", [False, True])
def test_the_normalisation_closes(tmp_path, weighted):
    """G.C.2, the events' own average (E.C.2) and sigma counted from the events all agree."""
    events = toy_events(40_000, weighted=weighted)
    path = write(tmp_path / "a.hepmc3", events)
    text = path.read_text()
    (stated,) = [line.split()[2] for line in text.split("\n") if "TotalCrossSection " in line]
    assert float(stated) * PB == pytest.approx(AVERAGE, rel=1e-12)
    sigma = SIGMA(events.enu)
    accumulated = events.weight.sum() / (events.weight / sigma).sum()
    error = np.std(events.weight / sigma) / np.mean(events.weight / sigma) / np.sqrt(len(events))
    assert accumulated == pytest.approx(AVERAGE, rel=4 * error)
    foreign = tmp_path / "b.hepmc3"
    foreign.write_text(without(text, "NuHepMC.Provenance.nugen-gan"))
    counted = read(foreign).cross_section
    middle = 0.5 * (np.array(counted.edges[1:]) + np.array(counted.edges[:-1]))
    pulls = (np.array(counted.values) - SIGMA(middle)) / np.array(counted.errors)
    assert np.mean(np.abs(pulls) < 3) > 0.8
    assert Sample([foreign]).header(events.process).flux_average == pytest.approx(AVERAGE)


def without(text, attribute):
    lines = text.split("\n")
    return "\n".join(line for line in lines if not line.startswith(f"A {attribute}"))


@pytest.mark.parametrize(
    ("absent", "source", "tolerance"),
    [("FluxAveraged", "E.C.2", 0.03), ("FluxAveraged|tot_xs", "E.C.4", 1e-8)],
)
def test_the_events_may_hold_the_normalisation_instead(tmp_path, absent, source, tolerance):
    text = write(tmp_path / "a.hepmc3", toy_events(10_000)).read_text()
    text = without(text, "NuHepMC.Provenance")
    for name in absent.split("|"):
        text = "\n".join(line for line in text.split("\n") if f"{name}" not in line)
    path = tmp_path / "b.hepmc3"
    path.write_text(text)
    sample = Sample([path])
    assert source in dict(sample.source.summary())["total cross section"]
    assert sample.header(toy_events(1).process).flux_average == pytest.approx(
        AVERAGE, rel=tolerance
    )


@pytest.mark.parametrize(
    "flux",
    [MonoFlux(1.0), PowerLawFlux(1.5, 0.3, 10.0), FLUX, histogram_flux([0.3, 1, 10], [1e-12, 2])],
)
def test_the_flux_survives(tmp_path, flux):
    path = write(tmp_path / "a.hepmc3", toy_events(3), flux=flux)
    ((_, back),) = Sample([path]).source.runs()[0].beams.values()
    assert back.energy_range == pytest.approx(flux.energy_range)
    grid = np.geomspace(*flux.energy_range, 9)
    np.testing.assert_allclose(back.cumulative(grid), flux.cumulative(grid), atol=2e-4)


def test_a_second_conversion_keeps_the_flux(tmp_path):
    write(tmp_path / "a.hepmc3", toy_events(100))
    convert(tmp_path / "a.hepmc3", tmp_path / "b.hepmc3.gz")
    assert (
        gzip.decompress((tmp_path / "b.hepmc3.gz").read_bytes()).count(b"Histogram.BinEdges") == 1
    )
    same_columns(read(tmp_path / "b.hepmc3.gz"), toy_events(100))


def test_several_files_are_one_sample(tmp_path):
    events = toy_events(5000)
    paths = [write(tmp_path / f"{i}.hepmc3", part)
             for i, part in enumerate((events[:2000], events[2000:]))]  # fmt: skip
    back = read(paths)
    same_columns(back, events)
    assert back.cross_section == SIGMA
    assert len(back.provenance.files) == 2


# Files of other generators


def test_the_example_of_the_specification(shared_data):
    """Four events of NuWro in MeV, one of them a neutral current; its header says 0.9.6."""
    path = shared_data / "nuhepmc" / "test.v1.0.0.hepmc3"
    sample = Sample([path])
    assert sample.read == 4
    back = read(path)
    assert back.process.name == "numu_cc_C12"
    np.testing.assert_allclose(back.enu[0], 21.645138932994338)
    np.testing.assert_allclose(back.elep[0], 13.999174596422708)
    assert set(back.channel) <= {Channel.DIS, Channel.RES, Channel.QE, Channel.HYP}
    average = sample.header(back.process).flux_average
    assert average == pytest.approx(0.0463227184476711 * PB * 12 * 3 / 4)


def foreign(tmp_path, *changes, header="NuHepMC.Provenance"):
    """One event as another generator could write it, with pieces replaced."""
    text = without(write(tmp_path / "own.hepmc3", toy_events(1)).read_text(), header)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "a.hepmc3"
    path.write_text(text)
    return path


def test_energies_in_mev(tmp_path):
    lines = []
    for line in foreign(tmp_path, ("U GEV", "U MEV")).read_text().split("\n"):
        words = line.split()
        if words[:1] == ["P"]:
            words[4:9] = [repr(1000 * float(word)) for word in words[4:9]]
            line = " ".join(words)
        lines.append(line)
    (tmp_path / "b.hepmc3").write_text("\n".join(lines))
    same_columns(read(tmp_path / "b.hepmc3"), toy_events(1))


@pytest.mark.parametrize(
    ("old", "new"), [("1000060120 0 0 0", "2212 0 0 0"), ("1000060120 0 0 0", "1000010010 0 0 0")]
)
def test_a_free_proton_in_either_code(tmp_path, old, new):
    path = foreign(tmp_path, (old, new), ("Abundance 1000060120", "Abundance 1000010010"))
    carbon, proton = (repr(round(nuclear_mass(n), 12)) for n in (1000060120, 1000010010))
    mass = path.read_text().partition(new)[2].split()[0]
    assert float(mass) == pytest.approx(float(carbon))
    path.write_text(path.read_text().replace(mass, proton))
    assert read(path).process.name == "numu_cc_H1"
    path.write_text(path.read_text().replace(f"{new} {proton} {proton}", f"{new} 0 0"))
    assert read(path).process.name == "numu_cc_H1"
    # Off its mass shell or on its way it is bound in a nucleus.
    for bound in (f"{new} 0.9175 0.9175", f"{new[:-5]}0.1 -0.1 0.05 0.95 0.938"):
        path.write_text(path.read_text().replace(f"{new} 0 0", bound))
        with pytest.raises(FormatError, match="bound in a nucleus"):
            read(path)
        path.write_text(path.read_text().replace(bound, f"{new} 0 0"))


def test_a_neutron_is_no_target(tmp_path):
    path = foreign(tmp_path, ("1000060120 0 0 0", "2112 0 0 0"))
    with pytest.raises(FormatError, match=r"or is a neutron \(at least 0 protons and 1 neutrons"):
        read(path)


def test_struck_nucleons_are_not_hydrogen(shared_data):
    with pytest.raises(FormatError, match="would be on hydrogen"):
        read(shared_data / "cases" / "nuhepmc-struck-nucleon" / "struck.hepmc3")


NEUT_HEADER = r"""HepMC::Version 3.02.05
HepMC::Asciiv3-START_EVENT_LISTING
W CV
T NEUT\|5.6.2\|
A NuHepMC.Conventions G.C.1 G.C.2 G.C.4E.C.4 E.C.2
A NuHepMC.ParticleStatusInfo[11].Name TargetParticle
A NuHepMC.ParticleStatusInfo[21].Name StruckNucleon
A NuHepMC.Version.Major 0
A NuHepMC.Version.Minor 1
A NuHepMC.Version.Patch 0
"""


def neut_event(number, enu, elep, mode, lepton=13, mass=105.658):
    momentum = float(np.sqrt(elep**2 - mass**2))
    return (
        f"E {number} 2 5\nU GEV CM\nW 1\nA 0 ProcId {mode}\nA 0 TargetA 12\nA 0 TargetZ 6\n"
        f"P 1 0 14 0 0 {enu} {enu} 0 4\nP 2 0 1000060180 0 0 0 0 0 11\nV -1 2 [2]\n"
        "P 3 -1 2112 100 -50 20 946 939.57 21\nV -2 1 [1,3]\n"
        f"P 4 -2 {lepton} 0 {0.6 * momentum!r} {0.8 * momentum!r} {elep} {mass} 1\n"
        "P 5 -2 2212 0 0 300 985.06 938.27 1\n"
    )


def test_the_first_version_as_neut_wrote_it(tmp_path):
    """Momenta in MeV said to be in GeV, NEUT's codes, a target of status 11 with A + Z for A."""
    path = tmp_path / "neut.hepmc3"
    path.write_text(
        NEUT_HEADER
        + neut_event(0, 1000, 600, 1) + neut_event(1, 2000, 1500, 2)
        + neut_event(2, 3000, 2000, 26) + neut_event(3, 900, 500, 52, 14, 0.0)
        + "HepMC::Asciiv3-END_EVENT_LISTING\n"
    )  # fmt: skip
    sample = Sample([path])
    (process,) = sample.pick()
    assert process.name == "numu_cc_C12"
    assert sample.others == {"QE": 1}
    events = read(path)
    np.testing.assert_allclose(events.enu, [1, 2, 3])
    np.testing.assert_allclose(events.elep, [0.6, 1.5, 2.0])
    np.testing.assert_allclose(events.costheta, 0.8)
    assert events.channel.tolist() == [Channel.QE, Channel.MEC, Channel.DIS]
    assert dict(sample.source.summary())["version"] == "NuHepMC 0.1.0"
    assert "in MeV" in dict(sample.source.summary())["energies"]


def test_a_unit_that_the_masses_contradict(tmp_path):
    with pytest.raises(FormatError, match="right in GeV only"):
        read(foreign(tmp_path, ("U GEV", "U MEV")))


@pytest.mark.parametrize("packer", [bz2, lzma])
def test_other_compressions(tmp_path, packer):
    path = write(tmp_path / "a.hepmc3", toy_events(50))
    packed = tmp_path / "b.hepmc3.packed"
    packed.write_bytes(packer.compress(path.read_bytes()))
    same_columns(read(packed), toy_events(50))
    packed.write_bytes(packer.compress(path.read_bytes())[:-40])
    with pytest.raises(FormatError, match=r"truncated|damaged|compressed"):
        read(packed)


def test_zstd_is_named(tmp_path):
    path = tmp_path / "a.hepmc3.zst"
    path.write_bytes(b"\x28\xb5\x2f\xfd rest")
    with pytest.raises(FormatError, match=r"compressed with zstd.*unzstd"):
        read(path)


@pytest.mark.parametrize(
    ("unit", "scale", "average"),
    [("pb", "PerAtom", 0.6), ("pb", "PerNucleon", 0.05), ("cm2", "PerAtom", 6e-37),
     ("1e-38 cm2", "PerNucleon", 5.0), ("nb", "PerTargetAtom", 6e-4)],
)  # fmt: skip
def test_units_of_the_cross_section(tmp_path, unit, scale, average):
    path = foreign(
        tmp_path, ("Unit pb", f"Unit {unit}"), ("PerAtom", scale),
        (f"CrossSection {AVERAGE / PB!r}", f"CrossSection {average}"),
    )  # fmt: skip
    found = Sample([path]).header(toy_events(1).process).flux_average
    assert found == pytest.approx(0.6 * PB)


def test_an_unknown_unit_is_no_normalisation(tmp_path):
    sample = Sample([foreign(tmp_path, ("Unit pb", "Unit acre"))])
    assert sample.source.runs() == ()
    assert "not known" in dict(sample.source.summary())["total cross section"]


def test_a_mixture_of_targets(tmp_path):
    """sigma per atom of CH2 is that of its events over their share of the atoms."""
    text = foreign(tmp_path, ("Abundance 1000060120", "Abundance 1000060120 1000010010[2]"))
    (run,) = Sample([text]).source.runs()
    assert run.atoms == {1000060120: 1.0, 1000010010: 2.0}
    assert run.cross_section == pytest.approx(AVERAGE * 3 / 14)
    assert Sample([text]).header(toy_events(1).process).flux_average == pytest.approx(3 * AVERAGE)


def test_several_species_of_neutrinos(tmp_path):
    """A fourth of the flux are antineutrinos, by the integrals of the two histograms."""
    text = without(write(tmp_path / "a.hepmc3", toy_events(2),
                         flux=histogram_flux([0.3, 10], [1.0])).read_text(),
                   "NuHepMC.Provenance")  # fmt: skip
    first, second = text.split("\nE 1 ")
    second = second.replace("P 1 0 14 ", "P 1 0 -14 ").replace("P 3 -1 13 ", "P 3 -1 -13 ")
    flux = [
        "A NuHepMC.Beam[-14].Histogram.BinEdges 1 3", "A NuHepMC.Beam[-14].Type Histogram",
        f"A NuHepMC.Beam[-14].Histogram.BinContent {1e6 / 6}",
        "A NuHepMC.Beam[-14].Histogram.ContentIsPerWidth 1",
    ]  # fmt: skip
    path = tmp_path / "b.hepmc3"
    path.write_text(first.replace("\nE 0", "\n".join(["", *flux, "E 0"])) + "\nE 1 " + second)
    (run,) = Sample([path]).source.runs()
    assert {pdg: share for pdg, (share, _) in run.beams.items()} == pytest.approx(
        {14: 0.75, -14: 0.25}
    )
    assert run.beams[-14][1].energy_range == (1.0, 3.0)


def test_older_names_of_attributes(tmp_path):
    path = foreign(
        tmp_path, ("signal_process_id", "ProcID"), ("tot_xs", "TotXS"),
        ("Version.Major 1", "Version.Major 0"), ("PerAtom", "PerTargetAtom"),
    )  # fmt: skip
    events = read(path)
    assert events.channel.tolist() == toy_events(1).channel.tolist()


def test_a_nucleon_beside_its_nucleus_is_not_the_target(tmp_path):
    path = foreign(
        tmp_path, ("E 0 1 4", "E 0 1 5"), ("V -1", "P 3 0 2112 0 0 0 0.94 0.94 20\nV -1"),
        ("\nP 3 -1", "\nP 4 -1"), ("\nP 4 -1 2009900000", "\nP 5 -1 2009900000"),
    )  # fmt: skip
    assert read(path).process.name == "numu_cc_C12"


def test_the_fastest_lepton_of_the_right_flavour_counts(tmp_path):
    mass = toy_events(1).process.lepton_mass
    lines = (f"\nP 5 -1 13 0 0 0 {mass} {mass} 1\nP 6 -1 -13 0 0 9 9.00062 {mass} 1"
             "\nHepMC::Asciiv3-END")  # fmt: skip
    path = foreign(tmp_path, ("E 0 1 4", "E 0 1 6"), ("\nHepMC::Asciiv3-END", lines))
    same_columns(read(path), toy_events(1))


def test_neutral_currents_and_scattering_on_electrons_are_left_out(tmp_path):
    number = f"signal_process_id {toy_events(1).channel[0]}"
    with pytest.raises(EmptySelectionError, match="charged-current"):
        read(foreign(tmp_path, (number, "signal_process_id 250")))
    with pytest.raises(EmptySelectionError, match="charged-current"):
        read(foreign(tmp_path, (number, "signal_process_id 700"), ("CC OTHER", "CC lep")))


def test_the_beam_may_come_from_anywhere(tmp_path):
    """Turn all momenta: the angle between the two leptons stays."""
    text = foreign(tmp_path).read_text()
    lines = []
    for line in text.split("\n"):
        words = line.split()
        if words[:1] == ["P"]:
            words[4:7] = words[5], words[6], words[4]
        lines.append(" ".join(words) if words[:1] == ["P"] else line)
    (tmp_path / "b.hepmc3").write_text("\n".join(lines))
    same_columns(read(tmp_path / "b.hepmc3"), toy_events(1))


def test_hepmc_that_is_not_nuhepmc(tmp_path):
    with pytest.raises(FormatError, match="not a NuHepMC one"):
        read(foreign(tmp_path, header="NuHepMC"))


def test_a_later_version_is_refused(tmp_path):
    with pytest.raises(FormatError, match="Update"):
        read(foreign(tmp_path, ("Version.Major 1", "Version.Major 2")))


def test_a_file_without_events(tmp_path):
    with pytest.raises(EmptySelectionError):
        read(write(tmp_path / "a.hepmc3", toy_events(0)))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("HepMC::Asciiv3-END_EVENT_LISTING\n", "", "truncated"),
        ("E 0 1 4", "E 0 1 5", "more or fewer"),
        ("P 2 0", "P 3 0", "out of order"),
        ("U GEV", "U TEV", "neither"),
        ("\nW 1\n", "\nW 1 2\n", "weights"),
        ("\nW 1\n", "\nW nan\n", "finite"),
        ("\nW CV", "\nW other\\|another", "CV"),
        ("A 0 signal_process_id", "A 0 process", "signal_process_id"),
        ("signal_process_id", "signal_process_id x", "number"),
        ("1000060120 0 0 0", "1000060120 0 0 nan", "finite"),
        (" 0 4\n", " 0 3\n", "no beam"),
        (" 20\n", " 3\n", "no target"),
        ("P 1 0 14 0 0 ", "P 1 0 14 0 9 ", "beam particle"),
        ("\nP 3 -1 13 -0.", "\nP 3 -1 13 -9.", "its lepton"),
        ("\nP 1 0", "\nX 1 0", "not a line"),
        ("BinEdges 0", "BinEdges 99 0", "flux"),
        ("CrossSection 0", "CrossSection -0", "makes no sense"),
        ("Version.Minor 0", "Version.Minor x", "makes no sense"),
        ("Abundance 1000060120", "Abundance x", "makes no sense"),
        ("\nT nugen", "\nQ nugen", "header"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, message):
    with pytest.raises(FormatError, match=message):
        read(foreign(tmp_path, (old, new)))


# Other readers


def momenta(text, place):
    """Four-momenta of particle number ``place`` of each event, straight from the text."""
    rows = [line.split() for line in text.split("\n") if line.startswith(f"P {place} ")]
    return np.array([[float(x) for x in row[4:8]] for row in rows])


@pytest.mark.parametrize("suffix", [".hepmc3", ".hepmc3.gz"])
def test_pyhepmc_reads_the_same_numbers(tmp_path, suffix):
    pyhepmc = pytest.importorskip("pyhepmc")
    events = toy_events(500, "numubar_cc_Ar40", weighted=True)
    path = write(tmp_path / f"a{suffix}", events)
    lepton, total, weight, process = [], [], [], []
    with pyhepmc.open(str(path)) as file:
        for number, event in enumerate(file):
            assert event.event_number == number
            beam, target, charged, remnant = event.particles
            assert [p.status for p in event.particles] == [4, 20, 1, 1]
            assert [p.pid for p in event.particles] == [-14, 1000180400, -13, 2009900000]
            assert {p.production_vertex.status for p in (charged, remnant)} == {1}
            left = beam.momentum + target.momentum - charged.momentum - remnant.momentum
            assert max(map(abs, (left.px, left.py, left.pz, left.e))) < 1e-10
            m = charged.momentum
            lepton.append([m.px, m.py, m.pz, m.e])
            weight.append(event.weights[0])
            total.append(event.attributes["tot_xs"].astype(float))
            process.append(event.attributes["signal_process_id"].astype(int))
            estimate = event.cross_section
        info = event.run_info
        assert estimate.xsec() * PB == pytest.approx(AVERAGE)
        assert info.weight_names == ["CV"]
        assert info.tools[0].name == "nugen-gan"
        attributes = info.attributes
        assert attributes["NuHepMC.Version.Major"].astype(int) == 1
        average = attributes["NuHepMC.FluxAveragedTotalCrossSection"].astype(float)
        assert average * PB == pytest.approx(AVERAGE)
    lepton = np.array(lepton)
    np.testing.assert_allclose(lepton[:, 3], events.elep, rtol=1e-10)
    size = np.sqrt((lepton[:, :3] ** 2).sum(axis=1))
    np.testing.assert_allclose(lepton[:, 2] / size, events.costheta, atol=1e-9)
    np.testing.assert_array_equal(weight, events.weight)
    np.testing.assert_allclose(np.array(total) * PB, SIGMA(events.enu))
    np.testing.assert_array_equal(process, events.channel)


def test_our_reader_reads_what_pyhepmc_copied(tmp_path):
    """HepMC3 prints vectors with six decimals: the flux must survive that."""
    pyhepmc = pytest.importorskip("pyhepmc")
    events = toy_events(300)
    source = write(tmp_path / "a.hepmc3", events, flux=histogram_flux([0.3, 1, 10], [3e-12, 5e-12]))
    with pyhepmc.open(str(source)) as old, pyhepmc.open(str(tmp_path / "b.hepmc3"), "w") as new:
        for event in old:
            new.write(event)
    same_columns(read(tmp_path / "b.hepmc3"), events)
    ((_, flux),) = Sample([tmp_path / "b.hepmc3"]).source.runs()[0].beams.values()
    assert flux.fractions([0.3, 1.0]) == pytest.approx(3 / 8)
    assert nuhepmc_check.check(tmp_path / "b.hepmc3").conforms


def test_hepmc3_reads_the_same_numbers(tmp_path):
    library = hepmc3()
    events = toy_events(200, weighted=True)
    path = write(tmp_path / "a.hepmc3", events)
    reader, event = library.ReaderAscii(str(path)), library.GenEvent()
    number = 0
    while not reader.failed():
        reader.read_event(event)
        if reader.failed():
            break
        particles = event.particles()
        assert [p.pid() for p in particles] == [14, 1000060120, 13, 2009900000]
        assert particles[2].momentum().e() == pytest.approx(events.elep[number], rel=1e-10)
        assert list(event.weights()) == [events.weight[number]]
        assert int(event.attribute_as_string("signal_process_id")) == events.channel[number]
        number += 1
    reader.close()
    assert number == 200


# Damage


def mutants(text, count):
    """Damaged versions of a file."""
    random = np.random.default_rng(8)
    body = text.index("\nE ")
    for i in range(count):
        data = bytearray(text.encode())
        place = int(random.integers(0 if i % 2 else body, len(data)))
        lines = text.split("\n")
        line = int(random.integers(0 if i % 2 else text[:body].count("\n") + 1, len(lines) - 1))
        words = lines[line].split(" ")
        kind = i % 10
        if kind == 0:
            data = data[:place]
        elif kind in (1, 2):
            data[place] ^= 1 << int(random.integers(0, 8))
        elif kind == 3:
            data[place : place + int(random.integers(1, 60))] = b""
        else:
            wrong = {4: "nan", 5: "-1", 6: "x", 7: "1e999", 8: "99999999999999999999"}
            if kind == 9:
                lines[line], lines[line - 1] = lines[line - 1], lines[line]
            else:
                words[int(random.integers(0, len(words)))] = wrong[kind]
                lines[line] = " ".join(words)
            data = bytearray("\n".join(lines).encode())
        yield bytes(data)


def test_damaged_files_are_refused_or_read_correctly(tmp_path):
    text = write(tmp_path / "good.hepmc3", toy_events(20)).read_text()
    path, outcomes = tmp_path / "bad.hepmc3", {True: 0, False: 0}
    for data in mutants(text, 400):
        path.write_bytes(data)
        with suppress(NugenError):
            nuhepmc_check.check(path)
        try:
            back = read(path)
        except NugenError:
            outcomes[False] += 1
            continue
        outcomes[True] += 1
        enu, elep, costheta, weight, process = plain_read(data.decode())
        mass = back.process.lepton_mass
        # Events that a cut drops are counted in the cut flow, not lost.
        kept = is_physical(enu, elep, costheta, mass) & (weight >= 0)
        kept &= (process % 100 < 50) & (process >= 100) & np.isfinite(elep)
        np.testing.assert_array_equal(back.enu, enu[kept])
        np.testing.assert_array_equal(back.elep, elep[kept])
        np.testing.assert_allclose(back.costheta, costheta[kept], atol=1e-12)
        np.testing.assert_array_equal(back.weight, weight[kept])
    assert outcomes[True] > 50
    assert outcomes[False] > 150


def test_damaged_bytes_never_crash(tmp_path):
    good = write(tmp_path / "good.hepmc3", toy_events(10)).read_bytes()
    path = tmp_path / "bad.hepmc3"
    for data in binary_mutants(good, 300, seed=6):
        path.write_bytes(data)
        read_or_refuse(path, "nuhepmc")
        with suppress(NugenError):
            nuhepmc_check.check(path)


def test_damaged_compressed_files_are_refused(tmp_path):
    good = write(tmp_path / "a.hepmc3.gz", toy_events(50)).read_bytes()
    path = tmp_path / "b.hepmc3.gz"
    for cut in (len(good) // 2, len(good) - 4):
        path.write_bytes(good[:cut])
        with pytest.raises(FormatError, match="truncated"):
            read(path)
    path.write_bytes(good[:1000] + bytes(50) + good[1050:])
    with pytest.raises(FormatError):
        read(path)
