"""The hadrons of NUISANCE's flat tree, read and written."""

import awkward as ak
import numpy as np
import pytest
import uproot
from mutants import mutants, read_or_refuse
from read_with_root_runner import read_with_root
from selections import from_flat_tree, from_nuwro, imbalance, selected

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuisance.reader import Nuisance
from nugen_gan.conversion.convert import read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.particles import flat, no_particles, particles
from nugen_gan.physics import species
from nugen_gan.physics.process import Channel

TREE = "FlatTree_VARS"
NUWRO = ("nuwro_numu_C12.root", "nuwro_numu_Ar40.root", "nuwro_numubar_C12.root")
LISTS = ("pdg", "px", "py", "pz", "E")


@pytest.fixture(scope="module")
def argon(data):
    return data / "numu_Ar40_1k.root"


@pytest.fixture(scope="module")
def whole(data):
    """Events of NuWro on carbon at 1 GeV."""
    return read(data / "nuwro_numu_C12_1GeV.root")


def columns(path, *names):
    with uproot.open(path) as file:
        return file[TREE].arrays(names, library="np")


def copied(source, path, entries=None, **changes):
    """Write the branches of a flat tree that are read anew, some of them changed."""
    with uproot.open(source) as file:
        tree = file[TREE]
        names = [n for n in ("Mode", "PDGnu", "Enu_true", "tgt", "PDGLep", "ELep", "CosLep", *LISTS)
                 if n in tree]  # fmt: skip
        block = {name: tree[name].array(entry_stop=entries) for name in names}
    for name, change in changes.items():
        block[name] = change(block)
    block = {name: x for name, x in block.items() if x is not None}
    with uproot.recreate(path) as file:
        file.mktree(TREE, {n: ak.type(x).content for n, x in block.items()}).extend(block)
    return path


def test_every_hadron_of_a_genuine_file_is_there(argon):
    """By hand: `pdg` has 1,000 leptons, and 1,491 protons among 3,468 other particles."""
    table = read(argon)
    with uproot.open(argon) as file:
        pdg = file[TREE]["pdg"].array()
    assert len(table) == 1000
    those = flat(table.particles)
    assert (those.counts.sum(), (those.pdg == 2212).sum()) == (3468, 1491)
    np.testing.assert_array_equal(those.counts, ak.to_numpy(ak.num(pdg)) - 1)
    for code in (2212, 2112, 211, -211, 111, 22, 321, 311, 3122):
        np.testing.assert_array_equal(
            those.number(those.pdg == code), ak.to_numpy(ak.sum(pdg == code, axis=1))
        )


def test_the_frame_is_that_of_a_table(argon):
    table, those = read(argon), flat(read(argon).particles)
    block = {name: x[:, 1:] for name, x in zip(LISTS, from_lists(argon), strict=True)}
    px, py, pz, energy = (ak.to_numpy(ak.flatten(block[name])) for name in LISTS[1:])
    np.testing.assert_allclose(those.pz, pz, rtol=1e-12)
    np.testing.assert_array_equal(those.E, energy)
    np.testing.assert_allclose(np.hypot(those.px, those.py), np.hypot(px, py), rtol=1e-5)
    _, lx, ly, *_ = (ak.to_numpy(x[:, 0]).astype(np.float64) for x in from_lists(argon))
    event = those.event()
    across = (px * lx[event] + py * ly[event]) / np.hypot(lx, ly)[event]
    beside = (lx[event] * py - ly[event] * px) / np.hypot(lx, ly)[event]
    np.testing.assert_allclose(those.px, across, atol=1e-5)
    np.testing.assert_allclose(those.py, beside, atol=1e-5)
    assert table.costheta.max() <= 1.0


def from_lists(path):
    with uproot.open(path) as file:
        return [file[TREE][name].array() for name in LISTS]


def test_hadrons_may_be_left_out(argon):
    source = Nuisance().open([argon])
    source.hadrons = False
    assert all(chunk.particles is None for chunk in source.chunks())
    assert read(argon, hadrons=False).particles is None


def test_the_normalisation_reads_no_particles(whole, tmp_path, monkeypatch):
    from nugen_gan.storage import root as root_io

    path = write(whole, tmp_path / "a.flat.root")
    source, asked = Nuisance().open([path]), []
    blocks = root_io.blocks
    monkeypatch.setattr(root_io, "blocks", lambda *words, **more: (
        asked.extend(words[2]), blocks(*words, **more))[1])  # fmt: skip
    assert source.runs()
    assert "Weight" in asked
    assert not set(asked) & set(LISTS)


def test_lists_may_be_missing(argon, tmp_path):
    path = copied(argon, tmp_path / "a.root", E=lambda _: None)
    assert read(path).particles is None


@pytest.mark.parametrize("name", NUWRO)
def test_written_events_are_read_back(shared_data, tmp_path, name):
    table = read(shared_data / "nuwro" / name)
    back = read(write(table, tmp_path / "a.flat.root"))
    ours, theirs = flat(back.particles), flat(table.stored().particles)
    assert len(back) == len(table)
    np.testing.assert_array_equal(ours.counts, theirs.counts)
    np.testing.assert_array_equal(ours.pdg, theirs.pdg)
    for one, other in zip(ours[2:], theirs[2:], strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("name", NUWRO)
def test_selections_are_those_of_the_generator_s_own_file(shared_data, tmp_path, name):
    source = shared_data / "nuwro" / name
    path = write(read(source), tmp_path / "a.flat.root")
    ours, theirs = selected(*from_flat_tree(path)), selected(*from_nuwro(source))
    for what, values in theirs.items():
        np.testing.assert_allclose(ours[what], values, rtol=1e-5, atol=2e-5, err_msg=what)
    flags = columns(path, "flagCC0pi", "flagCC1pip", "flagCC1pim", "flagCC1pi0")
    for flag, what in (("flagCC0pi", "CC0pi"), ("flagCC1pip", "CC1pi+"), ("flagCC1pim", "CC1pi-"),
                       ("flagCC1pi0", "CC1pi0")):  # fmt: skip
        np.testing.assert_array_equal(flags[flag], theirs[what])
        assert flags[flag].any()


@pytest.mark.parametrize("name", NUWRO)
def test_imbalances_of_lepton_and_proton(shared_data, tmp_path, name):
    source = shared_data / "nuwro" / name
    path = write(read(source), tmp_path / "a.flat.root")
    found = columns(path, "dpt", "dphit", "dalphat", "pnreco_C")
    dpt, dphit, dalphat = imbalance(*from_nuwro(source))
    has = ~np.isnan(dpt)
    for values in found.values():
        assert (values[~has] == -9999.0).all()
    np.testing.assert_allclose(found["dpt"][has], 1000 * dpt[has], rtol=1e-4, atol=0.01)
    far = has & (dpt > 0.01)
    np.testing.assert_allclose(found["dphit"][far], dphit[far], atol=2e-3)
    np.testing.assert_allclose(found["dalphat"][far], dalphat[far], atol=2e-3)
    assert (found["pnreco_C"][has] >= dpt[has] - 1e-4).all()


def test_the_struck_neutron_is_found(events, tmp_path):
    """Quasielastic events on a neutron of 0.15 GeV, the rest of the nucleus as assumed."""
    neutron, proton, muon = 0.93956542052, 0.93827208816, 0.1056583755
    nucleus = 6 * (neutron + proton) - 0.09216
    rest = nucleus - neutron + 0.02713
    fermi = np.array([0.09, 0.0, 0.12])
    lepton_momentum = np.array([0.3, 0.0, 0.5])
    elep = np.sqrt(lepton_momentum @ lepton_momentum + muon**2)

    def proton_for(enu):
        momentum = fermi + np.array([0.0, 0.0, enu]) - lepton_momentum
        return momentum, np.sqrt(momentum @ momentum + proton**2)

    def gained(enu):
        return enu + nucleus - np.sqrt(rest**2 + fermi @ fermi) - elep - proton_for(enu)[1]

    low, high = 0.6, 5.0
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if gained(middle) > 0.0 else (middle, high)
    momentum, energy = proton_for(low)
    cosine = lepton_momentum[2] / np.linalg.norm(lepton_momentum)
    one = events[:1].with_(
        enu=np.array([low]), elep=np.array([elep]), costheta=np.array([cosine]),
        particles=particles([1], [2212], *momentum[:, None], [energy]),
    )  # fmt: skip
    found = columns(write(one, tmp_path / "a.flat.root"), "pnreco_C", "dpt", "dalphat")
    assert found["pnreco_C"][0] == pytest.approx(0.15, rel=1e-4)
    assert found["dpt"][0] == pytest.approx(90.0, rel=1e-4)
    # The neutron moved to where the lepton goes.
    assert found["dalphat"][0] == pytest.approx(np.pi, abs=1e-3)


@pytest.fixture
def toys(events):
    """Six events whose flags and energies are known, in the order of their lists here."""
    lists = [
        [2212, 2212, 2112],  # CC0pi
        [211],  # coherent
        [211, 2212],  # CC1pi+
        [211, 321],  # a kaon is a meson too
        [-211, 22, 2112],  # CC1pi-
        [111, 11, -11],  # a Dalitz pair: three charged leptons
    ]
    counts = [len(x) for x in lists]
    pdg = np.concatenate(lists)
    px = np.linspace(-0.4, 0.4, len(pdg))
    py, pz = 0.5 * px, 0.3 + 0.0 * px
    energy = np.sqrt(px**2 + py**2 + pz**2 + species.mass(pdg) ** 2)
    return events.with_(particles=particles(counts, pdg, px, py, pz, energy))


def test_flags(toys, tmp_path):
    flags = {
        "flagCCQE": [1, 1, 0, 0, 0, 0], "flagCCQELike": [1, 1, 0, 0, 0, 1],
        "flagCC0pi": [1, 0, 0, 0, 0, 0], "flagCCcoh": [0, 1, 0, 0, 0, 0],
        "flagCC1pip": [0, 1, 1, 0, 0, 0], "flagCC1pim": [0, 0, 0, 0, 1, 0],
        "flagCC1pi0": [0] * 6, "flagCCINC": [1] * 6, "flagNCINC": [0] * 6, "flagNC1pi0": [0] * 6,
        "flagNCEL": [0] * 6, "flagNC0pi": [0] * 6, "flagNCcoh": [0] * 6, "flagNC1pip": [0] * 6,
        "flagNC1pim": [0] * 6,
    }  # fmt: skip
    path = write(toys, tmp_path / "a.flat.root")
    found = columns(path, *flags)
    assert {name: x.astype(int).tolist() for name, x in found.items()} == flags
    with uproot.open(path) as file:
        assert {file[TREE][name].typename for name in flags} == {"bool"}
    assert toys.channel[0] == Channel.QE


def test_a_nucleus_does_not_keep_an_event_from_being_coherent(events, tmp_path):
    code = 1000060120
    mass = species.mass(np.array([code, 211]))
    one = events[4:5].with_(
        particles=particles([2], [code, 211], [0, 0], [0, 0], [0.1, 0.3],
                            np.hypot(mass, [0.1, 0.3])))  # fmt: skip
    path = write(one, tmp_path / "a.flat.root")
    assert columns(path, "flagCCcoh")["flagCCcoh"].tolist() == [True]
    assert flat(read(path).particles).pdg.tolist() == [code, 211]


def test_energies(toys, tmp_path):
    names = ("Erecoil_minerva", "Erecoil_charged", "EavAlt")
    found = columns(write(toys, tmp_path / "a.flat.root"), *names)
    energy = ak.to_list(toys.particles.E)
    p, n, pi, pi0, kaon = species.mass(np.array([2212, 2112, 211, 111, 321]))
    e = energy
    minerva = [e[0][0] + e[0][1] - 2 * p, e[1][0] - pi, e[2][0] - pi + e[2][1] - p, e[3][0] - pi,
               e[4][0] - pi + e[4][1], sum(e[5])]  # fmt: skip
    charged = [e[0][0] + e[0][1] - 2 * p, e[1][0], e[2][0] + e[2][1] - p, sum(e[3]), e[4][0],
               e[5][1] + e[5][2]]  # fmt: skip
    less = [e[0][2] - n, pi, pi, pi, pi + e[4][2] - n, pi0]
    np.testing.assert_allclose(found["Erecoil_minerva"], minerva, rtol=1e-5)
    np.testing.assert_allclose(found["Erecoil_charged"], charged, rtol=1e-5)
    np.testing.assert_allclose(found["EavAlt"], toys.enu - toys.elep - less, rtol=1e-5, atol=1e-5)
    assert kaon > 0.4


def test_ranks_by_momentum_among_particles_of_a_code(whole, tmp_path):
    path = write(whole, tmp_path / "a.flat.root")
    with uproot.open(path) as file:
        block = file[TREE].arrays([*LISTS, "pdg_rank"])
    momentum = np.sqrt(block.px**2 + block.py**2 + block.pz**2)
    for event in range(0, 2000, 37):
        pdg, size, rank = (x[event].to_list() for x in (block.pdg, momentum, block.pdg_rank))
        for code in set(pdg):
            mine = [(rank[i], size[i]) for i in range(len(pdg)) if pdg[i] == code]
            assert sorted(r for r, _ in mine) == list(range(len(mine)))
            assert [s for _, s in sorted(mine)] == sorted((s for _, s in mine), reverse=True)


def test_the_vertex_has_the_final_particles(whole, tmp_path):
    path = write(whole, tmp_path / "a.flat.root")
    with uproot.open(path) as file:
        block = file[TREE].arrays([*LISTS, *(f"{name}_vert" for name in LISTS), "pdg_init"])
        counts = file[TREE].arrays(["nfsp", "nvertp"], library="np")
    for name in LISTS:
        assert ak.array_equal(block[name], block[f"{name}_vert"])
    np.testing.assert_array_equal(counts["nfsp"], ak.num(whole.particles) + 1)
    np.testing.assert_array_equal(counts["nvertp"], counts["nfsp"])
    assert set(block.pdg[:, 0]) == {13}
    assert block.pdg_init[0].to_list() == [14, 1000060120]


def test_a_file_of_leptons_has_no_hadrons(whole, tmp_path):
    path = write(whole.without_particles(), tmp_path / "a.flat.root")
    assert read(path).particles is None
    with uproot.open(path) as file:
        for name in ("flagCC0pi", "dpt", "EavAlt"):
            assert name not in file[TREE]
    empty = whole.with_(particles=no_particles(len(whole)))
    assert read(write(empty, tmp_path / "b.flat.root")).particles is None


def test_files_with_and_without_hadrons_are_refused_together(argon, tmp_path):
    other = write(read(argon, hadrons=False), tmp_path / "a.flat.root")
    with pytest.raises(UsageError, match=r"but a\.flat\.root has leptons alone"):
        Sample([argon, other])
    assert Sample([argon, other], hadrons=False).read == 2000


def test_more_particles_than_nuisance_has_room_for(events, tmp_path):
    n = 200
    pdg, zero = np.full(n, 22), np.zeros(n)
    many = particles([n, 0, 0, 0, 0, 0], pdg, zero, zero, zero + 0.01, zero + 0.01)
    with pytest.raises(UsageError, match=r"201 particles, .* room for 200"):
        write(events.with_(particles=many), tmp_path / "a.flat.root")


def test_a_beam_along_another_axis(whole, tmp_path):
    """The whole event turned from z to x, as the initial particles tell."""
    path = tmp_path / "x.root"
    with uproot.open(write(whole, tmp_path / "a.flat.root")) as file:
        tree = file[TREE]
        numbers = {name: tree[name].array() for name in
                   ("Mode", "PDGnu", "Enu_true", "tgt", "PDGLep", "ELep", "CosLep")}  # fmt: skip
        lists = {
            part + suffix: ak.zip({other + suffix: tree[name + suffix].array()
                                   for other, name in turned})
            for part, suffix, turned in (("fsp", "", TURNED), ("initp", "_init", TURNED))
        }  # fmt: skip
    block = numbers | {"fsp": lists["fsp"], "initp": lists["initp_init"]}
    with uproot.recreate(path) as file:
        tree = file.mktree(TREE, {n: ak.type(x).content for n, x in block.items()},
                           counter_name=lambda counted: "n" + counted,
                           field_name=lambda outer, inner: inner)  # fmt: skip
        tree.extend(block)
    back, straight = read(path), read(tmp_path / "a.flat.root")
    ours, theirs = flat(back.particles), flat(straight.particles)
    np.testing.assert_array_equal(ours.pdg, theirs.pdg)
    for one, other in zip(ours[2:], theirs[2:], strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


# Where the components of the turned momentum come from: x from z, y from x, z from y.
TURNED = (("pdg", "pdg"), ("px", "pz"), ("py", "px"), ("pz", "py"), ("E", "E"))


def test_an_event_whose_lepton_is_not_in_its_list_is_cut(argon, tmp_path):
    def other_energy(block):
        energy = ak.to_numpy(block["ELep"]).copy()
        energy[:10] *= 1.01
        return ak.Array(energy)

    table = read(copied(argon, tmp_path / "a.root", ELep=other_energy))
    assert dict(table.cutflow.steps)["possible hadrons"] == 990


def test_lists_of_other_lengths_are_damage(argon, tmp_path):
    path = copied(argon, tmp_path / "a.root", px=lambda block: block["px"][:, 1:])
    with pytest.raises(FormatError, match="differ in length"):
        read(path)


def test_numbers_that_are_none_and_wild_codes_are_cut(argon, tmp_path):
    def wild(block):
        pdg = block["pdg"]
        return ak.where((np.arange(1000) < 5) & (ak.local_index(pdg) == 1), 7777777, pdg)

    def broken(block):
        px = block["px"]
        return ak.where((np.arange(1000) >= 990) & (ak.local_index(px) == 1), np.nan, px)

    full = ak.to_numpy(ak.num(read(argon).particles)) > 0
    table = read(copied(argon, tmp_path / "a.root", pdg=wild, px=broken))
    assert len(table) == 1000 - full[:5].sum() - full[990:].sum()


def test_damaged_files_are_read_or_refused(argon, tmp_path):
    content = copied(argon, tmp_path / "a.root", 100).read_bytes()
    for mutant in mutants(content, 60, 3):
        (tmp_path / "m.root").write_bytes(mutant)
        read_or_refuse(tmp_path / "m.root", "nuisance")


def test_equal_events_are_equal_bytes_however_they_come(whole, tmp_path):
    few = whole[:6]
    for name, parts in (("x", [few]), ("y", [few[:2], few[2:]])):
        Nuisance().write(tmp_path / name, parts, lambda: Header(few.process, 6))
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_root_itself_reads_it(whole, tmp_path, monkeypatch):
    """As NUISANCE does, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.nuisance.reader.BLOCK", 64)
    path = write(whole[:200], tmp_path / "x.flat.root")
    found = read_with_root(path, TREE)
    names = [*LISTS, "pdg_rank", "pdg_vert", "E_vert", "nfsp", "nvertp", "dpt", "flagCC0pi"]
    with uproot.open(path) as file:
        lists = {name: file[TREE][name].array().to_list() for name in names}
    assert len(found["events"]) == 200
    for number, event in enumerate(found["events"]):
        assert event == {name: lists[name][number] for name in names}
