import io
import itertools

import awkward as ak
import numpy as np
import pytest
from mutants import mutants, read_or_refuse
from whole_events import genie_events, nuwro_events, same_events

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.final_state import final_state
from nugen_gan.adapters.hepevt.reader import HepEvt
from nugen_gan.adapters.registry import guess_adapter, writer_for
from nugen_gan.conversion.convert import convert, read
from nugen_gan.conversion.convert import write as write_table
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.particles import flat
from nugen_gan.events.provenance import Provenance
from nugen_gan.physics.process import Channel


@pytest.fixture(scope="module")
def nuwro(data):
    return nuwro_events(data / "numu_Ar40_1k.root")


@pytest.fixture(scope="module")
def genie(data):
    return genie_events(data / "genie_numu_C12.gst.root")


def write(path, events, chunks=None, seed=0):
    header = Header(events.process, len(events), provenance=Provenance(parameters={"seed": seed}))
    HepEvt().write(path, chunks or [events], lambda: header)
    return path


def as_larsoft_does(text):
    """Rows of each event: a line with two numbers, then as many lines of fifteen as it says."""
    lines = iter(text.splitlines())
    events = []
    for line in lines:
        number, count = map(int, line.split())
        assert number == len(events)
        rows = [[float(x) for x in next(lines).split()] for _ in range(count)]
        assert {len(row) for row in rows} == {15}
        events.append(np.array(rows))
    return events


# Writing


@pytest.mark.parametrize("generator", ["nuwro", "genie"])
def test_whole_events_survive_a_round_trip(tmp_path, request, generator):
    events = request.getfixturevalue(generator)
    path = write(tmp_path / "a.hepevt", events)
    assert guess_adapter(path).name == writer_for(path).name == "hepevt"
    back = read(path)
    same_events(back, events)
    assert back.cross_section is None
    # Another azimuth, the same event.
    other = write(tmp_path / "b.hepevt", events, seed=7)
    assert other.read_bytes() != path.read_bytes()
    same_events(read(other), events)


def test_what_is_tracked_and_what_is_the_truth(tmp_path, nuwro):
    state = final_state(nuwro, np.zeros(len(nuwro)))
    remnant = state.remnant().pdg()
    events = as_larsoft_does(write(tmp_path / "a.hepevt", nuwro).read_text())
    assert len(events) == len(nuwro)
    for number, rows in enumerate(events):
        assert rows[:, 0].tolist() == [0, 0, *[1] * (len(rows) - 3), 15]
        codes = ak.to_list(nuwro.particles.pdg[number])
        assert rows[:, 1].tolist() == [14, 1000180400, 13, *codes, remnant[number]]
        # Mother 0 of the lepton is LArSoft's number of the neutrino.
        assert (rows[:, 2:4] == 0).all()
        assert (rows[:, 11:] == 0).all()
        p4 = rows[:, 6:10]
        np.testing.assert_allclose(p4[:2].sum(axis=0), p4[2:].sum(axis=0), atol=1e-10)
        assert p4[0, 2] == p4[0, 3] == pytest.approx(nuwro.enu[number], abs=1e-12)
        square = p4[:, 3] ** 2 - (p4[:, :3] ** 2).sum(axis=1)
        # NuWro gives some pions a mass between those of the charged and the neutral one.
        np.testing.assert_allclose(square, rows[:, 10] ** 2, rtol=1e-3, atol=1e-3)


def test_current_and_mode_are_the_daughters_of_the_neutrino(tmp_path, genie):
    """As sbndcode and icaruscode read them; our channel is that of the nucleus."""
    modes = {Channel.QE: 0, Channel.RES: 1, Channel.DIS: 2, Channel.COH: 3, Channel.MEC: 10}
    events = as_larsoft_does(write(tmp_path / "a.hepevt", genie).read_text())
    assert [rows[0, 4] for rows in events] == [0] * len(genie)
    assert [rows[0, 5] for rows in events] == [modes[channel] for channel in genie.channel]
    assert [rows[1, 4] for rows in events] == genie.channel.tolist()


def test_hyperons_and_other_channels_stay(tmp_path, nuwro):
    channels = np.resize([int(c) for c in Channel], len(nuwro)).astype(np.int16)
    same_events(read(write(tmp_path / "a.hepevt", nuwro.with_(channel=channels))),
                nuwro.with_(channel=channels))  # fmt: skip


def test_lepton_only_events(tmp_path, nuwro):
    bare = nuwro.without_particles()
    path = write(tmp_path / "a.hepevt", bare)
    for rows in as_larsoft_does(path.read_text()):
        assert rows[:, 1].tolist() == [14, 1000180400, 13, 2000000002]
    back = read(path)
    assert back.particles is None
    np.testing.assert_allclose(back.costheta, bare.costheta, atol=1e-9)


def test_hydrogen_leaves_nothing(tmp_path, shared_data):
    events = nuwro_events(shared_data / "tables" / "numubar_H1_60k.root", 300)
    one_neutron = events[ak.to_numpy(ak.num(events.particles)) == 1]
    path = write(tmp_path / "a.hepevt", one_neutron)
    assert {len(rows) for rows in as_larsoft_does(path.read_text())} == {4}
    same_events(read(path), one_neutron)


def test_the_same_events_give_the_same_bytes_in_any_chunks(tmp_path, nuwro):
    whole = write(tmp_path / "a.hepevt", nuwro).read_bytes()
    bounds = [0, 7, 600, 1000]
    parts = [nuwro[a:b] for a, b in itertools.pairwise(bounds)]
    assert write(tmp_path / "b.hepevt", nuwro, parts).read_bytes() == whole
    stream = io.BytesIO()
    HepEvt().write_stream(stream, iter(parts), lambda: Header(nuwro.process, len(nuwro)))
    assert stream.getvalue() == whole


def test_there_is_no_place_for_weights(tmp_path, nuwro):
    weighted = nuwro.with_(weight=np.arange(1.0, len(nuwro) + 1))
    with pytest.raises(UsageError, match="unequal weights"):
        write(tmp_path / "a.hepevt", weighted)
    equal = nuwro.with_(weight=np.full(len(nuwro), 0.5))
    assert (read(write(tmp_path / "a.hepevt", equal)).weight == 1.0).all()


def test_from_one_dialect_into_another(tmp_path, nuwro):
    done = write_table(nuwro, tmp_path / "a.table.root")
    (there,) = convert(done, tmp_path / "b.hepevt")
    (back,) = convert(there.path, tmp_path / "c.table.root")
    np.testing.assert_array_equal(read(back.path).enu, read(done).enu)
    assert Sample([there.path]).source.entries == len(nuwro)


# Reading


SBND = """0 4
0 14 0 0 0 {mode} 0.003503 0.002469 0.589751 0.589766 0 208.939 63.9671 10.9272 4026.32
0 1000180400 0 0 0 0 0 0 0 37.2155 37.2155 208.939 63.9671 10.9272 4026.32
1 13 1 0 0 0 -0.168856 -0.0498011 0.44665 0.491582 0.105658 208.939 63.9671 10.9272 4026.32
1 2212 1 0 0 0 0.151902 -0.124578 0.0497377 0.959907 0.938272 208.939 63.9671 10.9272 4026.32
"""


def foreign(tmp_path, text):
    path = tmp_path / "x.txt"
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize(
    ("mode", "channel"),
    [(1, Channel.RES), (2, Channel.DIS), (3, Channel.COH), (10, Channel.MEC), (5, Channel.OTHER),
     (0, Channel.OTHER)],
)  # fmt: skip
def test_modes_of_others(tmp_path, mode, channel):
    """All zeros are as well no daughters as a quasielastic event."""
    events = read(foreign(tmp_path, SBND.format(mode=mode)))
    assert events.process.name == "numu_cc_Ar40"
    assert events.channel.tolist() == [channel]
    assert ak.to_list(events.particles.pdg) == [[2212]]
    assert events.enu.tolist() == [0.589766]


def test_a_mode_elsewhere_makes_zero_quasielastic(tmp_path):
    path = foreign(tmp_path, SBND.format(mode=1) + SBND.format(mode=0))
    assert read(path).channel.tolist() == [Channel.RES, Channel.QE]


def test_daughters_are_no_mode(tmp_path):
    path = foreign(tmp_path, SBND.replace("0 14 0 0 0 {mode}", "0 14 0 0 3 4"))
    assert read(path).channel.tolist() == [Channel.OTHER]


def test_neutral_currents_are_left_out(tmp_path):
    neutral = SBND.format(mode=1).replace("0 14 0 0 0 1", "0 14 0 0 1 1")
    path = foreign(tmp_path, neutral + SBND.format(mode=2))
    assert read(path).channel.tolist() == [Channel.DIS]
    assert Sample([path]).others == {"RES": 1}


def test_line_ends_and_empty_lines(tmp_path):
    text = SBND.format(mode=1).replace("\n", "\r\n") + "\n \n" + SBND.format(mode=1)
    assert len(read(foreign(tmp_path, text.rstrip("\n")))) == 2


def test_energies_in_mev(tmp_path, nuwro):
    lines = []
    for line in write(tmp_path / "a.hepevt", nuwro[:40]).read_text().splitlines():
        words = line.split()
        words[6:11] = [repr(1000 * float(word)) for word in words[6:11]]
        lines.append(" ".join(words))
    same_events(read(foreign(tmp_path, "\n".join(lines))), nuwro[:40])


def test_a_nucleus_and_a_neutrino_are_needed(tmp_path):
    rows = SBND.format(mode=1).splitlines(keepends=True)
    for place, what in ((1, "neutrino"), (2, "target nucleus")):
        text = "".join([*rows[:place], *rows[place + 1 :]]).replace("0 4\n", "0 3\n", 1)
        with pytest.raises(FormatError, match=f"1 events name no {what}"):
            read(foreign(tmp_path, text))


def test_the_first_lepton_counts(tmp_path):
    more = SBND.format(mode=1).replace("0 4\n", "0 5\n", 1) + (
        "1 13 0 0 0 0 0 0 5 5.001116 0.105658 0 0 0 0\n")  # fmt: skip
    events = read(foreign(tmp_path, more))
    assert events.elep.tolist() == [0.491582]
    assert ak.to_list(events.particles.pdg) == [[2212, 13]]


@pytest.mark.parametrize("size", [100, 4096, 1 << 22])
def test_blocks_end_with_an_event(tmp_path, nuwro, monkeypatch, size):
    monkeypatch.setattr("nugen_gan.adapters.hepevt.lines.SIZE", size)
    few = nuwro[:60]
    same_events(read(write(tmp_path / "a.hepevt", few)), few)


def test_hadrons_may_be_left_out_and_must_agree(tmp_path, nuwro):
    paths = [write(tmp_path / "a.hepevt", nuwro[:9]),
             write(tmp_path / "b.hepevt", nuwro[9:20].without_particles())]  # fmt: skip
    with pytest.raises(UsageError, match=r"b.hepevt has leptons alone"):
        read(paths)
    source = HepEvt().open(paths)
    source.hadrons = False
    assert [chunk.particles for chunk in source.chunks()] == [None, None]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("0 4\n", "0 5\n", "truncated"),
        ("0 4\n", "0 3\n", "must begin"),
        ("0 4\n", "0 400000\n", "must begin"),
        ("1 2212 1", "1 2212", "fifteen"),
        ("1 2212 1", "1 x 1", "fifteen"),
        ("1 2212 1", "1 22.5 1", "fifteen"),
        ("1 2212 1", "1 99999999999999999999 1", "fifteen"),
        ("1 2212 1", "1 2212 ü", "not text"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, old, new, message):
    text = SBND.format(mode=1) + SBND.format(mode=1).replace(old, new, 1)
    with pytest.raises(FormatError, match=message):
        read(foreign(tmp_path, text), format="hepevt")


@pytest.mark.parametrize("wrong", ["nan", "1e999", "-5"])
def test_what_cannot_be_is_cut(tmp_path, wrong):
    text = SBND.format(mode=1)
    for energy in ("0.589766 0", "0.491582", "0.959907"):
        damaged = text.replace(energy, energy.replace(energy.split()[0], wrong))
        assert len(read(foreign(tmp_path, text + damaged))) == 1


def test_other_texts_are_not_hepevt(tmp_path, data):
    assert not HepEvt().sniff(data / "numu_Ar40_xsec.txt")
    assert not HepEvt().sniff(data / "numu_Ar40_1k.root")
    for text in (
        "",
        "0 1\n",
        "0 1\n1 2 3\n",
        "1 2\n3 4\n",
        "event 4\n" + SBND,
        "0 4 1\n" + SBND[4:],
    ):
        assert not HepEvt().sniff(foreign(tmp_path, text))


def test_damaged_bytes_never_crash(tmp_path, nuwro):
    good = write(tmp_path / "good.hepevt", nuwro[:10]).read_bytes()
    path, refused = tmp_path / "bad.hepevt", 0
    for data in mutants(good, 300, seed=5):
        path.write_bytes(data)
        tables = read_or_refuse(path, "hepevt")
        refused += tables is None
        for table in tables or []:
            if table.particles is not None:
                assert np.isfinite(flat(table.particles).momenta()).all()
    assert refused > 150
