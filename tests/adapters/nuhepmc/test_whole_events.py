"""Whole events: every hadron that leaves the nucleus, and the remnant."""

import io
import json
from contextlib import suppress

import awkward as ak
import numpy as np
import pytest
from hepmc3_library import hepmc3
from mutants import mutants, read_or_refuse
from nuhepmc_toys import toy_events
from nuhepmc_toys import write as write_toys
from whole_events import SIGMA, genie_events, nuwro_events, same_events

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import final_state
from nugen_gan.adapters.nuhepmc.check import check
from nugen_gan.adapters.nuhepmc.reader import NuHepMC
from nugen_gan.conversion.convert import read
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import EmptySelectionError, NugenError, UsageError
from nugen_gan.events.particles import flat, no_particles, particles
from nugen_gan.events.provenance import Provenance
from nugen_gan.physics import species
from nugen_gan.physics.flux import UniformFlux

REMNANT = 2009900000


@pytest.fixture(scope="module")
def nuwro(data):
    return nuwro_events(data / "numu_Ar40_1k.root")


@pytest.fixture(scope="module")
def genie(data):
    return genie_events(data / "genie_numu_C12.gst.root")


@pytest.fixture(scope="module")
def hydrogen(shared_data):
    return nuwro_events(shared_data / "tables" / "numubar_H1_60k.root", 500)


def header(events, **changes):
    average = float(len(events) / (1.0 / SIGMA(events.enu)).sum())
    values = {"cross_section": SIGMA, "flux": None, "flux_average": average} | changes
    return Header(events.process, len(events), **values)


def write(path, events, chunks=None, **changes):
    NuHepMC().write(path, chunks or [events], lambda: header(events, **changes))
    return path


def rows_of(text):
    """For each event its lines split into words."""
    return [[line.split() for line in event.split("\n") if line]
            for event in text.split("\nE ")[1:]]  # fmt: skip


def units(row):
    """Four-momentum of a line P in units of the last digit."""
    return np.array([round(float(x) * 1e12) for x in row[4:8]])


@pytest.mark.parametrize("suffix", [".hepmc3", ".hepmc3.gz"])
@pytest.mark.parametrize("generator", ["nuwro", "genie"])
def test_whole_events_survive_a_round_trip(tmp_path, request, generator, suffix):
    events = request.getfixturevalue(generator)
    back = read(write(tmp_path / f"a{suffix}", events, provenance=Provenance("x", "1")))
    same_events(back, events)
    assert back.cross_section == SIGMA
    assert back.provenance.generator == "x"
    assert ak.any(ak.num(back.particles) > 5)


@pytest.mark.parametrize("generator", ["nuwro", "genie"])
def test_the_file_conforms(tmp_path, request, generator):
    report = check(write(tmp_path / "a.hepmc3", request.getfixturevalue(generator)))
    assert report.conforms, str(report)
    assert report["P.C.2"].status == report["E.R.8"].status == "met"
    assert report.warnings == ()


def test_the_graph_of_an_event(tmp_path, nuwro):
    """Vertex 1 primary, vertex 2 the summary; each final particle is there once."""
    for number, event in enumerate(rows_of(write(tmp_path / "a.hepmc3", nuwro).read_text())):
        rows = [row for row in event if row[0] == "P"]
        assert event[0] == [str(number), "2", str(len(rows))]
        assert [row for row in event if row[0] == "V"] == [["V", "-1", "1", "[1,2]"],
                                                           ["V", "-2", "2", "[4]"]]  # fmt: skip
        assert [row[1] for row in rows] == [str(i + 1) for i in range(len(rows))]
        assert [row[2] for row in rows[:4]] == ["0", "0", "-1", "-1"]
        assert {row[2] for row in rows[4:]} == {"-2"}
        assert [row[-1] for row in rows[:4]] == ["4", "20", "1", "3"]
        assert {row[-1] for row in rows[4:]} == {"1"}
        assert rows[-1][3] == rows[3][3] == str(REMNANT)
        codes = [int(row[3]) for row in rows[4:-1]]
        assert codes == ak.to_list(nuwro.particles.pdg[number])


def test_four_momentum_closes_at_both_vertices_to_the_last_digit(tmp_path, nuwro):
    for event in rows_of(write(tmp_path / "a.hepmc3", nuwro[:300]).read_text()):
        rows = [row for row in event if row[0] == "P"]
        p4 = [units(row) for row in rows]
        # Integers: no tolerance.
        np.testing.assert_array_equal(p4[0] + p4[1], p4[2] + p4[3])
        np.testing.assert_array_equal(p4[3], np.sum(p4[4:], axis=0))


def test_the_remnant_is_what_is_left(tmp_path, nuwro):
    """Its nucleus and its momentum are those of the final state that all writers share."""
    remnant = final_state(nuwro, np.zeros(len(nuwro))).remnant()
    text = write(tmp_path / "a.hepmc3", nuwro).read_text()
    for event, pdg, p4 in zip(rows_of(text), remnant.pdg(), remnant.p4, strict=True):
        rows = [row for row in event if row[0] == "P"]
        assert ["A", str(len(rows)), "remnant_particle_number", str(pdg)] in event
        assert float(rows[-1][7]) == pytest.approx(p4[3], abs=1e-9)
        assert float(rows[-1][6]) == pytest.approx(p4[2], abs=1e-9)
    assert remnant.pdg().min() > 1_000_000_000


def test_nothing_is_left_of_a_nucleus_that_recoils_as_a_whole(tmp_path, genie):
    """GENIE's coherent events have the nucleus among the particles."""
    whole = genie[genie.channel == 100]
    assert len(whole) > 0
    for event in rows_of(write(tmp_path / "a.hepmc3", whole).read_text()):
        codes = [row[3] for row in event if row[0] == "P" and row[-1] == "1"]
        assert "1000060120" in codes
        assert str(REMNANT) not in codes
    same_events(read(tmp_path / "a.hepmc3"), whole)


def test_nothing_is_left_of_hydrogen(tmp_path, hydrogen):
    path = write(tmp_path / "a.hepmc3", hydrogen)
    assert all(row[3] != str(REMNANT) for event in rows_of(path.read_text()) for row in event
               if row[0] == "P" and row[-1] == "1")  # fmt: skip
    assert check(path).conforms
    assert check(path).warnings == ()
    same_events(read(path), hydrogen)


def test_an_impossible_remnant_has_no_momentum(tmp_path, nuwro):
    """More nucleons than there were: the file conforms all the same, and check says so."""
    many = np.full(90, 2112, np.int32)
    hadrons = particles([90], many, 0 * many, 0 * many, 0 * many, 0.94 + 0 * many)
    event = nuwro[:1].with_(particles=hadrons)
    path = write(tmp_path / "a.hepmc3", event)
    last = [row for row in rows_of(path.read_text())[0] if row[0] == "P"][-1]
    assert last[3:8] == [str(REMNANT), *["0.000000000000"] * 4]
    assert "remnant_particle_number" not in path.read_text()
    assert check(path).conforms
    # Read back, it has more energy than came in.
    with pytest.raises(EmptySelectionError, match="possible hadrons: 0"):
        read(path)


def test_the_header_says_what_the_events_hold(tmp_path, nuwro):
    whole = write(tmp_path / "a.hepmc3", nuwro[:3]).read_text().partition("\nE ")[0]
    bare = write(tmp_path / "b.hepmc3", nuwro[:3].without_particles()).read_text()
    bare = bare.partition("\nE ")[0]
    assert "all hadrons that leave the nucleus" in whole
    assert "only the charged lepton is simulated" not in whole
    assert "\nA NuHepMC.VertexStatusIDs 1 2\n" in whole
    assert "\nA NuHepMC.ParticleStatusIDs 1 4 20 3\n" in whole
    assert "only the charged lepton is simulated" in bare
    assert "\nA NuHepMC.VertexStatusIDs 1\n" in bare
    assert "hadrons" in json.loads(whole.partition("Provenance.nugen-gan ")[2].partition("\n")[0])
    assert '"hadrons"' not in bare


def test_events_without_hadrons_are_not_events_whose_hadrons_are_unknown(tmp_path, nuwro):
    empty = nuwro[:5].with_(particles=no_particles(5))
    assert ak.to_list(read(write(tmp_path / "a.hepmc3", empty)).particles) == [[]] * 5
    bare = nuwro[:5].without_particles()
    assert read(write(tmp_path / "b.hepmc3", bare)).particles is None


def test_the_same_events_give_the_same_bytes_in_any_chunks(tmp_path, nuwro):
    whole = write(tmp_path / "a.hepmc3", nuwro).read_bytes()
    parts = [nuwro[:7], nuwro[7:600], nuwro[600:]]
    assert write(tmp_path / "b.hepmc3", nuwro, parts).read_bytes() == whole
    stream = io.BytesIO()
    NuHepMC().write_stream(stream, iter(parts), lambda: header(nuwro))
    assert stream.getvalue() == whole


def test_hadrons_in_a_part_of_the_events_are_refused(tmp_path, nuwro):
    with pytest.raises(UsageError, match="particles"):
        write(tmp_path / "a.hepmc3", nuwro, [nuwro[:5], nuwro[5:9].without_particles()])


def test_the_azimuth_turns_the_event_as_a_whole(tmp_path, nuwro):
    """Another seed, other momenta, the same angles between them."""
    seeds = [Provenance(parameters={"seed": seed}) for seed in (1, 2)]
    texts = [write(tmp_path / f"{seed.parameters['seed']}.hepmc3", nuwro, provenance=seed)
             for seed in seeds]  # fmt: skip
    one, other = (read(text) for text in texts)
    same_events(one, nuwro)
    same_events(other, nuwro)
    first, second = (rows_of(text.read_text())[0] for text in texts)
    assert first != second


# Files of others


def without_record(path, *changes):
    text = path.read_text()
    text = "\n".join(line for line in text.split("\n") if "Provenance.nugen-gan" not in line)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def test_hadrons_need_no_record_of_ours(tmp_path, nuwro):
    same_events(read(without_record(write(tmp_path / "a.hepmc3", nuwro))), nuwro)
    bare = write(tmp_path / "b.hepmc3", nuwro.without_particles())
    assert read(without_record(bare)).particles is None


def test_hadrons_may_be_left_out(tmp_path, nuwro):
    sample = Sample([write(tmp_path / "a.hepmc3", nuwro)])
    assert next(sample.source.chunks()).particles is not None
    sample.source.hadrons = False
    assert next(sample.source.chunks()).particles is None


@pytest.mark.parametrize("few", [0, 200_000])
def test_large_files_are_parsed_again(tmp_path, nuwro, monkeypatch, few):
    monkeypatch.setattr("nugen_gan.adapters.nuhepmc.reader.FEW", few)
    same_events(read(write(tmp_path / "a.hepmc3", nuwro)), nuwro)


def test_files_with_and_without_hadrons_are_no_sample(tmp_path, nuwro):
    paths = [write(tmp_path / "a.hepmc3", nuwro[:9]),
             write(tmp_path / "b.hepmc3", nuwro[9:20].without_particles())]  # fmt: skip
    with pytest.raises(UsageError, match=r"b.hepmc3 has leptons alone"):
        read(paths)
    source = NuHepMC().open(paths)
    source.hadrons = False
    assert sum(len(chunk) for chunk in source.chunks()) == 20


def test_energies_in_mev(tmp_path, nuwro):
    path = without_record(write(tmp_path / "a.hepmc3", nuwro[:50]), ("U GEV", "U MEV"))
    lines = []
    for line in path.read_text().split("\n"):
        words = line.split()
        if words[:1] == ["P"]:
            words[4:9] = [repr(1000 * float(word)) for word in words[4:9]]
            line = " ".join(words)
        lines.append(line)
    path.write_text("\n".join(lines))
    same_events(read(path), nuwro[:50])


def test_the_lepton_of_the_primary_vertex_counts(tmp_path, nuwro):
    """A faster one of the same flavour, of a decay, stays among the particles."""
    fast = particles([1], [13], [0.0], [0.3], [20.0], [np.sqrt(400.09 + 0.1056583755**2)])
    event = nuwro[:1].with_(particles=ak.concatenate([fast, nuwro.particles[:1]], axis=1))
    same_events(read(without_record(write(tmp_path / "a.hepmc3", event))), event)


def test_a_remnant_that_is_written_as_a_nucleus_is_none_of_the_particles(tmp_path, nuwro):
    path = write(tmp_path / "a.hepmc3", nuwro[:30])
    lines = []
    for line in path.read_text().split("\n"):
        if "remnant_particle_number" in line:
            nucleus = line.split()[-1]
        elif line.startswith("P ") and line.endswith(" 1"):
            line = line.replace(str(REMNANT), nucleus)
        if "remnant_particle_number" not in line:
            lines.append(line)
    path.write_text("\n".join(lines))
    same_events(read(path), nuwro[:30])
    # A nucleus that does not account for all that is left is a fragment.
    other = path.read_text().replace(" 2112 ", " 22 ", 1)
    path.write_text(other)
    back = read(path)
    more = ak.num(back.particles) - ak.num(nuwro.particles[:30])
    assert sorted(ak.to_list(more)) == [0] * 29 + [1]


def test_the_example_of_the_specification(shared_data):
    """Its particles of status 1, counted by hand; the neutral current is cut."""
    back = read(shared_data / "nuhepmc" / "test.v1.0.0.hepmc3")
    assert ak.to_list(ak.num(back.particles)) == [5, 5, 7]
    last = ak.to_list(back.particles.pdg[2])
    assert last == [321, 211, 211, -211, 111, -211, 3122]
    assert ak.to_list(back.particles.E[2])[0] == pytest.approx(6.88044741676)


def test_codes_that_are_no_particle_s(tmp_path, nuwro):
    """Blobs are passed over; an event with an unknown code is cut, not misread."""
    path = without_record(write(tmp_path / "a.hepmc3", nuwro[:20]), (" 2112 ", " 2000000002 "))
    back = read(path)
    assert len(back) == 20
    assert not (flat(back.particles).pdg == 2112).any()
    path.write_text(path.read_text().replace(" 2000000002 ", " 99999999999 "))
    assert 0 < len(read(path)) < 20


# Other readers


def test_pyhepmc_reads_the_same_events(tmp_path, nuwro):
    pyhepmc = pytest.importorskip("pyhepmc")
    path = write(tmp_path / "a.hepmc3.gz", nuwro)
    state = final_state(nuwro, np.zeros(len(nuwro)))
    remnant = state.remnant().pdg()
    hadrons = ak.to_list(nuwro.particles)
    with pyhepmc.open(str(path)) as file:
        for number, event in enumerate(file):
            final = [p for p in event.particles if p.status == 1]
            lepton, *others, left = final
            assert [v.status for v in event.vertices] == [1, 2]
            assert lepton.production_vertex.status == 1
            assert {p.production_vertex.status for p in (*others, left)} == {2}
            assert all(p.end_vertex is None for p in final)
            assert [p.pid for p in others] == [p["pdg"] for p in hadrons[number]]
            for particle, wanted in zip(others, hadrons[number], strict=True):
                momentum, mass = particle.momentum, species.mass(np.array([particle.pid]))[0]
                assert momentum.e == pytest.approx(wanted["E"], abs=1e-11)
                assert momentum.pz == pytest.approx(wanted["pz"], abs=1e-11)
                assert particle.generated_mass == pytest.approx(mass, rel=1e-9)
            assert left.pid == REMNANT
            assert left.attributes["remnant_particle_number"].astype(int) == remnant[number]
            incoming = sum((p.momentum for p in event.particles[:2]), pyhepmc.FourVector())
            closed = incoming - sum((p.momentum for p in final), pyhepmc.FourVector())
            assert max(map(abs, (closed.px, closed.py, closed.pz, closed.e))) < 1e-10
    assert number == len(nuwro) - 1


def test_hepmc3_copies_the_file_and_it_stays_the_same(tmp_path, nuwro):
    """The C++ library reads and writes it; what it wrote conforms and has the same events."""
    library = hepmc3()
    reader = library.ReaderAscii(str(write(tmp_path / "a.hepmc3", nuwro)))
    event, count = library.GenEvent(), 0
    reader.read_event(event)
    writer = library.WriterAscii(str(tmp_path / "b.hepmc3"), event.run_info())
    while not reader.failed():
        assert [v.status() for v in event.vertices()] == [1, 2]
        writer.write_event(event)
        count += 1
        reader.read_event(event)
    writer.close()
    reader.close()
    assert count == len(nuwro)
    same_events(read(tmp_path / "b.hepmc3"), nuwro)
    assert check(tmp_path / "b.hepmc3").conforms


# Checking


@pytest.fixture
def good(tmp_path, nuwro):
    """Text of a few events with protons."""
    path = write(tmp_path / "good.hepmc3", nuwro[:8], flux=UniformFlux(0.1, 30.0))
    return path.read_text()


def checked(tmp_path, text):
    (tmp_path / "a.hepmc3").write_text(text)
    return check(tmp_path / "a.hepmc3")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (" 2212 ", " 2112 ", "charge is 18 before and 17 after, the remnant included"),
        (" 2112 ", " 22 ", "baryon number is 40 before and 39 after, the remnant included"),
        ("\nP 5 -2 2212 0.", "\nP 5 -2 2212 3.", "px is"),
        ("\nP 3 -1 13 -0.", "\nP 3 -1 13 7.", "px is"),
    ],
)
def test_what_is_not_conserved_is_said_once(tmp_path, good, old, new, reason):
    assert good.count(old) >= 2
    report = checked(tmp_path, good.replace(old, new))
    (warning,) = report.warnings
    assert reason in warning
    assert " of 8 events; first in event " in warning
    # No convention asks for it.
    assert report.conforms
    assert report.as_dict()["warnings"] == [warning]
    assert f"\nwarning: {warning}\nconformant" in str(report)


def test_what_cannot_be_told_is_no_warning(tmp_path, good):
    lines = [line for line in good.split("\n") if "remnant_particle_number" not in line]
    assert checked(tmp_path, "\n".join(lines).replace(" 2212 ", " 2112 ")).warnings == ()
    # Of a blob nobody knows what it is.
    text = good.replace(" 2212 ", " 2000000002 ").replace(
        "ParticleNumbers 2009900000", "ParticleNumbers 2009900000 2000000002")  # fmt: skip
    assert checked(tmp_path, text).warnings == ()


def test_a_final_particle_is_there_once(tmp_path, good):
    report = checked(tmp_path, good.replace(" 3\nV -2", " 1\nV -2"))
    assert report.broken == ("E.R.8",)
    assert "there twice" in report["E.R.8"].reason


def test_a_decayed_particle_has_products(tmp_path, good):
    line = next(line for line in good.split("\n") if line.startswith("P 5 -2 2212"))
    report = checked(tmp_path, good.replace(line, line[:-1] + "2"))
    assert report.broken == ("E.R.8",)
    assert "no decay" in report["E.R.8"].reason


# Damage


def plain_hadrons(event):
    """Codes and energies of an event's final particles but the lepton, by the simplest parser."""
    rows = [row for row in event if row[0] == "P" and row[-1] == "1"]
    return [(int(row[3]), float(row[7])) for row in rows[1:] if abs(int(row[3])) < 2_000_000_000]


def test_damaged_files_are_refused_or_read_correctly(tmp_path, nuwro):
    text = write(tmp_path / "good.hepmc3", nuwro[:20]).read_text()
    path, outcomes = tmp_path / "bad.hepmc3", {True: 0, False: 0}
    random = np.random.default_rng(3)
    lines = text.split("\n")
    places = [i for i, line in enumerate(lines) if line.startswith(("P ", "V "))]
    for number in range(300):
        damaged, place = list(lines), int(random.choice(places))
        words = damaged[place].split(" ")
        wrong = ("nan", "-1", "x", "1e999", "99999999999999999999", "2212", "-9223372036854775808")
        words[int(random.integers(0, len(words)))] = wrong[number % len(wrong)]
        damaged[place] = " ".join(words)
        if number % 10 == 9:
            del damaged[place]
        path.write_text("\n".join(damaged))
        with suppress(NugenError):
            check(path)
        try:
            back = read(path)
        except NugenError:
            outcomes[False] += 1
            continue
        outcomes[True] += 1
        energies = {row[-1] for row in ak.to_list(back.particles.E) if row}
        plain = [plain_hadrons(event) for event in rows_of("\n".join(damaged))]
        assert energies <= {e for event in plain for _, e in event}
        assert np.isfinite(flat(back.particles).momenta()).all()
    assert min(outcomes.values()) > 40


def test_damaged_bytes_never_crash(tmp_path, nuwro):
    good = write(tmp_path / "good.hepmc3", nuwro[:10]).read_bytes()
    path = tmp_path / "bad.hepmc3"
    for data in mutants(good, 200, seed=9):
        path.write_bytes(data)
        read_or_refuse(path, "nuhepmc")
        with suppress(NugenError):
            check(path)


def test_lepton_only_events_are_written_as_ever(tmp_path):
    """One vertex, four particles: nothing of the above."""
    text = write_toys(tmp_path / "a.hepmc3", toy_events(20)).read_text()
    assert text.count("\nE ") == text.count(" 1 4\nU GEV CM\n") == text.count("\nV ") == 20
    statuses = [row[-1] for event in rows_of(text) for row in event if row[0] == "P"]
    assert statuses == ["4", "20", "1", "1"] * 20
