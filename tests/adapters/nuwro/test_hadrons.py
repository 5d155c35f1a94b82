"""The hadrons of NuWro's events, read and written."""

import awkward as ak
import numpy as np
import pytest
import uproot
from mutants import mutants, read_or_refuse
from read_with_root_runner import read_with_root
from selections import from_nuwro, selected

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuwro.reader import NuWro
from nugen_gan.conversion.convert import read, read_all, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import UsageError
from nugen_gan.events.particles import flat, no_particles, particles
from nugen_gan.physics import species
from nugen_gan.physics.flux import MonoFlux

TREE = "treeout"
FILES = ("nuwro_numu_C12.root", "nuwro_numu_Ar40.root", "nuwro_numubar_C12.root")
SPECIES = (2212, 2112, 211, -211, 111, 22, 321, 3122)
POST = ("post.t", "post.x", "post.y", "post.z", "post.pdg")


@pytest.fixture(scope="module")
def carbon(data):
    return data / "nuwro_numu_C12_1GeV.root"


def test_every_hadron_of_a_genuine_file_is_there(carbon):
    """By hand: `post` has 2,000 leptons and 4,416 other particles."""
    those = flat(read(carbon).particles)
    assert len(those.pdg) == 4416
    counts = {code: int((those.pdg == code).sum()) for code in (2212, 2112, 211, 111, -211, 22)}
    assert counts == {2212: 2866, 2112: 852, 211: 513, 111: 162, -211: 17, 22: 6}


@pytest.mark.parametrize("name", FILES)
def test_multiplicities_are_those_of_post(shared_data, name):
    path = shared_data / "nuwro" / name
    with uproot.open(path) as file:
        post, dyn = file[TREE]["post.pdg"].array(), file[TREE]["dyn"].array(library="np")
    post = post[dyn != 12]
    table = read(path)
    assert dict(table.cutflow.steps)["possible hadrons"] == len(post)
    those = flat(table.particles)
    for code in SPECIES:
        np.testing.assert_array_equal(
            those.number(those.pdg == code), ak.to_numpy(ak.sum(post == code, axis=1))
        )
    np.testing.assert_array_equal(those.counts, ak.to_numpy(ak.num(post)) - 1)


def test_the_frame_is_that_of_a_table(carbon):
    """Lengths, and angles to the neutrino and to the lepton, are those in NuWro's frame."""
    table, those = read(carbon), flat(read(carbon).particles)
    with uproot.open(carbon) as file:
        tree = file[TREE]
        lepton = np.stack([ak.to_numpy(ak.firsts(tree[f"out.{x}"].array())) for x in "xyz"], axis=1)
        post = [ak.to_numpy(ak.flatten(tree[f"post.{x}"].array()[:, 1:])) for x in "xyz"]
        energy = ak.to_numpy(ak.flatten(tree["post.t"].array()[:, 1:]))
    momenta = np.stack(post, axis=1) / 1000
    event = those.event()
    np.testing.assert_allclose(those.E, energy / 1000, rtol=1e-15)
    np.testing.assert_allclose(those.pz, momenta[:, 2], rtol=1e-12)
    np.testing.assert_allclose(np.hypot(those.px, those.py), np.hypot(*momenta.T[:2]), rtol=1e-12)
    # The lepton of the table is in the x-z plane.
    plep = np.sqrt(table.elep**2 - table.process.lepton_mass**2)
    sine = np.sqrt(1.0 - table.costheta**2)
    ours = plep[event] * (those.px * sine[event] + those.pz * table.costheta[event])
    theirs = (momenta * lepton[event]).sum(axis=1) / 1000
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
    # Neutrino, lepton and hadron keep their handedness.
    volume = lepton[event, 0] * momenta[:, 1] - lepton[event, 1] * momenta[:, 0]
    np.testing.assert_allclose(plep[event] * sine[event] * those.py, volume / 1000, atol=1e-6)


def test_hadrons_may_be_left_out(carbon):
    source = NuWro().open([carbon])
    source.hadrons = False
    assert all(chunk.particles is None for chunk in source.chunks())
    assert read(carbon, hadrons=False).particles is None


def test_neutral_currents_have_none(data):
    (chunk,) = NuWro().open([data / "nuwro_nc_only_C12.root"]).chunks()
    assert not ak.any(ak.num(chunk.particles))


def test_a_mixture_of_probes_and_targets(shared_data):
    """Of positive leptons and on hydrogen too, all hadrons are found."""
    tables = read_all(shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root")
    assert sum(len(table) for table in tables.values()) == 2163
    final, _ = from_nuwro(shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root")
    assert sum(ak.sum(ak.num(table.particles)) for table in tables.values()) == (
        ak.sum(ak.num(final)) - 2163
    )


@pytest.mark.parametrize("name", FILES)
def test_written_events_are_read_back(shared_data, tmp_path, name):
    table = read(shared_data / "nuwro" / name)
    back = read(write(table, tmp_path / "a.nuwro.root"))
    ours, theirs = flat(back.particles), flat(table.particles)
    np.testing.assert_array_equal(ours.counts, theirs.counts)
    np.testing.assert_array_equal(ours.pdg, theirs.pdg)
    for one, other in zip(ours[2:], theirs[2:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", FILES)
def test_selections_are_those_of_nuwro_s_own_file(shared_data, tmp_path, name):
    path = shared_data / "nuwro" / name
    ours = selected(*from_nuwro(write(read(path), tmp_path / "a.nuwro.root")))
    theirs = selected(*from_nuwro(path))
    assert theirs["CC0pi"].sum() > 1000
    assert theirs["CC1pi0"].sum() > 100
    for what, values in theirs.items():
        # NuWro's muon has 105.658 MeV.
        np.testing.assert_allclose(ours[what], values, rtol=1e-6, atol=1e-5, err_msg=what)


def test_before_final_state_interactions_there_is_the_lepton_alone(carbon, tmp_path):
    table = read(carbon)
    path = write(table, tmp_path / "a.nuwro.root")
    with uproot.open(path) as file:
        tree = file[TREE]
        out, post = tree["out.pdg"].array(), tree["post.pdg"].array()
        pr, nr = tree["pr"].array(library="np"), tree["nr"].array(library="np")
        mass, types = tree["post._mass"].array(), (tree["pr"].typename, tree["nr"].typename)
        momentum2 = sum(tree[f"post.{x}"].array() ** 2 for x in "xyz")
        energy = tree["post.t"].array()
    assert ak.all(ak.num(out) == 1)
    assert ak.all(ak.num(post) == ak.num(table.particles) + 1)
    assert types == ("int32_t", "int32_t")
    square = ak.to_numpy(ak.flatten(energy**2 - momentum2))
    # NuWro gives pions of coherent events 138 MeV.
    np.testing.assert_allclose(ak.flatten(mass), np.sqrt(np.maximum(square, 0.0)), atol=1.6)
    those = flat(table.particles)
    # Of 6 protons and 6 neutrons, a neutron having become a proton.
    np.testing.assert_array_equal(pr, 7 - those.sums(species.charge(those.pdg)))
    np.testing.assert_array_equal(pr + nr, 12 - those.sums(species.baryon_number(those.pdg)))


def test_the_rest_of_the_nucleus_is_nuwro_s(carbon, tmp_path):
    """In resonant and MEC events: NuWro forgets the second proton of a correlated pair in QE."""
    path = write(read(carbon), tmp_path / "a.nuwro.root")
    names = ("pr", "nr", "dyn")
    with uproot.open(path) as new, uproot.open(carbon) as old:
        ours, theirs = (file[TREE].arrays(names, library="np") for file in (new, old))
    counted = np.isin(theirs["dyn"], (2, 8))
    for name in ("pr", "nr"):
        assert (ours[name] == theirs[name])[counted].mean() > 0.99
    assert (ours["nr"] == theirs["nr"])[theirs["dyn"] == 0].mean() > 0.98


def test_the_azimuth_turns_whole_events(carbon, tmp_path):
    table = read(carbon)
    path = write(table, tmp_path / "a.nuwro.root")
    with uproot.open(path) as file:
        post = file[TREE].arrays(list(POST))
    lepton = ak.to_numpy(np.arctan2(post["post.y"][:, 0], post["post.x"][:, 0]))
    assert np.histogram(lepton, 8, (-np.pi, np.pi))[0].min() > 0.8 * len(table) / 8
    proton = ak.argmax(post["post.t"] * (post["post.pdg"] == 2212), axis=1, keepdims=True)
    across = ak.firsts(np.arctan2(post["post.y"][proton], post["post.x"][proton]) - lepton)
    # The leading proton goes to the other side: that is kept.
    assert ak.mean(np.cos(across)) < -0.5


def test_a_file_of_leptons_has_no_hadrons(carbon, tmp_path):
    table = read(carbon, hadrons=False)
    path = write(table, tmp_path / "a.nuwro.root")
    assert read(path).particles is None
    with uproot.open(path) as file:
        assert "pr" not in file[TREE]
        assert file[TREE]["post.t"].array().to_list() == file[TREE]["out.t"].array().to_list()
    # Nor has one of events known to be without any.
    empty = table.with_(particles=no_particles(len(table)))
    assert read(write(empty, tmp_path / "b.nuwro.root")).particles is None


def test_files_with_and_without_hadrons_are_refused_together(carbon, tmp_path):
    other = write(read(carbon, hadrons=False), tmp_path / "a.nuwro.root")
    with pytest.raises(UsageError, match=r"but a\.nuwro\.root has leptons alone"):
        Sample([carbon, other])
    assert Sample([carbon, other], hadrons=False).read == 4000


def test_blocks_of_a_file_must_agree(carbon, tmp_path, monkeypatch):
    monkeypatch.setattr("nugen_gan.adapters.nuwro.reader.BLOCK", 10)
    table = read(carbon)[:20]
    parts = [table[:10], table[10:].without_particles()]
    with pytest.raises(UsageError, match="particles"):
        NuWro().write(tmp_path / "a", parts, lambda: Sample([carbon]).header(table.process))


def test_lists_of_other_lengths_are_damage(carbon, tmp_path):
    path = tmp_path / "a.root"
    with uproot.open(write(read(carbon)[:20], tmp_path / "x.nuwro.root")) as old:
        columns = {name: x.array() for name, x in old[TREE].items() if name[0] != "n"}
    columns["norm"] = np.ones(20)
    columns["post.x"] = columns["post.x"][:, 1:]
    types = {name: "string" if str(ak.type(x)).endswith("string") else ak.type(x).content
             for name, x in columns.items()}  # fmt: skip
    with uproot.recreate(path) as new:
        new.mktree(TREE, types).extend(columns)
    assert read_or_refuse(path, "nuwro") is None
    assert len(read(path, hadrons=False)) == 20


def test_damaged_files_are_read_or_refused(carbon, tmp_path):
    content = write(read(carbon)[:100], tmp_path / "a.nuwro.root").read_bytes()
    for mutant in mutants(content, 20, 1):
        (tmp_path / "m.root").write_bytes(mutant)
        read_or_refuse(tmp_path / "m.root", "nuwro")


def test_root_itself_reads_the_hadrons(tmp_path, carbon, monkeypatch):
    """With TTreeReader, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.nuwro.reader.BLOCK", 64)
    table = read(carbon)[:200].with_(flux=MonoFlux(1.0))
    path = write(table, tmp_path / "x.nuwro.root")
    found = read_with_root(path, TREE)
    with uproot.open(path) as file:
        lists = {name: file[TREE][name].array().to_list() for name in POST}
        left = file[TREE]["pr"].array().to_list()
    assert len(found["events"]) == 200
    for number, event in enumerate(found["events"]):
        assert {name: event[name] for name in POST} == {n: lists[n][number] for n in POST}
        assert event["pr"] == left[number]


def test_a_nucleus_among_the_hadrons_is_kept(tmp_path, events):
    """As GENIE has it in coherent events."""
    code, momentum = 1000060120, 0.1
    energy = np.hypot(momentum, species.mass(np.array([code]))[0])
    whole = events.with_(particles=particles([0, 0, 0, 0, 1, 0], [code], [0], [0], [0.1], [energy]))
    header = Header(events.process, 6, flux_average=1e-37, weight_sum=float(events.weight.sum()))
    NuWro().write(tmp_path / "a.root", [whole], lambda: header)
    assert flat(read(tmp_path / "a.root").particles).pdg.tolist() == [code]
