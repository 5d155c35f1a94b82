import awkward as ak
import numpy as np
import pytest
import uproot

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuisance.reader import Nuisance
from nugen_gan.conversion.convert import convert, read
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import MonoFlux, UniformFlux, histogram_flux
from nugen_gan.physics.process import Channel, Process

TREE = "FlatTree_VARS"


def flat_tree(path, remove=(), **changes):
    """Write three charged-current events and a neutral-current one by hand."""
    columns = {
        "Mode": np.array([1, 26, -16, 51], "i4"),
        "PDGnu": np.array([14, 14, -14, 14], "i4"),
        "Enu_true": np.array([1, 5, 2, 1], "f4"),
        "tgt": np.array([1000060120, 1000060120, 1000060120, 1000060120], "i4"),
        "PDGLep": np.array([13, 13, -13, 14], "i4"),
        "ELep": np.array([0.6, 2, 1.9, 0.8], "f4"),
        "CosLep": np.array([0.5, 0.9, 1.0, 0.9], "f4"),
    } | changes
    for name in remove:
        del columns[name]
    with uproot.recreate(path) as file:
        tree = file.mktree(TREE, {name: x.dtype for name, x in columns.items()})
        tree.extend(columns)
    return path


def write(path, events, **header):
    full = Header(events.process, len(events), **header)
    Nuisance().write(path, [events], lambda: full)
    return path


@pytest.fixture
def sigma():
    return CrossSection((0.4, 2.0, 5.0), (5e-38, 2e-37), (0.0, 0.0))


def test_a_genuine_file_with_part_of_the_branches(data):
    table = read(data / "numu_Ar40_1k.root", cross_section=data / "numu_Ar40_xsec.txt")
    assert table.process.name == "numu_cc_Ar40"
    assert len(table) == 1000
    counts = {name: round(1000 * x) for name, x in table.channel_fractions().items()}
    assert counts == {"QE": 438, "MEC": 55, "RES": 275, "COH": 5, "DIS": 227}
    assert table.energy_range() == (0.2, 20.0)
    assert table.cross_section.values[0] == pytest.approx(0.0537349e-38 * 40)


def test_nothing_but_the_lepton_is_needed(tmp_path):
    path = flat_tree(tmp_path / "a.root")
    table = read(path, probe=14)
    assert table.channel.tolist() == [Channel.QE, Channel.DIS]
    assert table.weight.tolist() == [1.0, 1.0]
    assert table.cross_section is None
    assert read(path, probe=-14).channel.tolist() == [Channel.COH]


def test_the_target_may_come_as_a_and_z(tmp_path):
    path = flat_tree(
        tmp_path / "a.root", ["tgt"], tgta=np.full(4, 1, "i4"), tgtz=np.full(4, 1, "i4")
    )
    assert read(path, probe=14).process.name == "numu_cc_H1"


def test_a_proton_is_hydrogen(tmp_path):
    path = flat_tree(tmp_path / "a.root", tgt=np.full(4, 2212, "i4"))
    assert read(path, probe=14).process.name == "numu_cc_H1"


@pytest.mark.parametrize("name", ["Mode", "PDGnu", "Enu_true", "PDGLep", "ELep", "CosLep", "tgt"])
def test_what_is_missing_is_named(tmp_path, name):
    path = flat_tree(tmp_path / "a.root", [name])
    with pytest.raises(FormatError, match=name):
        Nuisance().open([path])


@pytest.mark.parametrize(
    ("mode", "cc", "channel"),
    [(1, True, "QE"), (2, True, "MEC"), (3, True, "HYP"), (13, True, "RES"), (22, True, "RES"),
     (15, True, "COH"), (21, True, "DIS"), (-26, True, "DIS"), (34, False, "RES"),
     (52, False, "QE"), (55, False, "OTHER"), (0, False, "OTHER"), (200, True, "QE"),
     (-225, True, "QE"), (250, False, "QE"), (301, True, "MEC"), (426, True, "RES"),
     (100, True, "COH"), (600, True, "DIS"), (150, False, "COH")],
)  # fmt: skip
def test_reaction_codes(tmp_path, mode, cc, channel):
    path = flat_tree(tmp_path / "a.root", Mode=np.full(4, mode, "i4"))
    (chunk,) = Nuisance().open([path]).chunks()
    assert (bool(chunk.cc[0]), Channel(chunk.channel[0]).name) == (cc, channel)


def test_the_branch_cc_decides_over_the_code(tmp_path):
    path = flat_tree(tmp_path / "a.root", cc=np.array([True, False, True, False]))
    assert len(read(path, probe=14)) == 1


def test_events_survive_a_round_trip(tmp_path, events, sigma):
    back = read(write(tmp_path / "a.root", events, cross_section=sigma, flux_average=1e-37))
    stored = events.stored()
    for name in EventTable.columns():
        np.testing.assert_array_equal(getattr(back, name), getattr(stored, name))


@pytest.mark.parametrize(
    "flux",
    [None, UniformFlux(0.4, 5.0), histogram_flux([0.4, 1.0, 5.0], [3.0, 1.0]), MonoFlux(1.0)],
)
def test_the_normalisation_is_what_nuisance_computes(tmp_path, events, sigma, flux):
    """The ratio of the histograms' integrals, and the sum of weights, in cm2 per nucleon."""
    if flux == MonoFlux(1.0):
        events = events.with_(enu=np.ones(6), elep=np.full(6, 0.5))
        sigma = CrossSection((1.0, 1.0), (1.2e-37,), (0.0,))
    total = float(events.weight.sum())
    path = write(tmp_path / "a.root", events, cross_section=sigma, flux=flux,
                 flux_average=1.2e-37, weight_sum=total)  # fmt: skip
    with uproot.open(path) as file:
        scale = file[TREE]["fScaleFactor"].array(library="np")
        weight = file[TREE]["Weight"].array(library="np")
        fluxes, edges = file["FlatTree_FLUX"].to_numpy()
        rate, _ = file["FlatTree_EVT"].to_numpy()
    assert (weight * scale).sum() == pytest.approx(1e-38)
    width = np.diff(edges)
    assert (rate * width).sum() * 1e-38 / (fluxes * width).sum() == pytest.approx(1e-38)


def joined(path, parts):
    """As hadd does it: entries one after the other, histograms added up."""
    trees = []
    for part in parts:
        with uproot.open(part) as file:
            arrays = file[TREE].arrays(
                ["Mode", "PDGnu", "Enu_true", "tgt", "PDGLep", "ELep", "CosLep", "Weight",
                 "fScaleFactor"], library="np")  # fmt: skip
            trees.append(arrays)
            flux, rate = file["FlatTree_FLUX"].to_numpy(), file["FlatTree_EVT"].to_numpy()
    columns = {name: np.concatenate([tree[name] for tree in trees]) for name in trees[0]}
    with uproot.recreate(path) as file:
        tree = file.mktree(TREE, {name: x.dtype for name, x in columns.items()})
        tree.extend(columns)
        file["FlatTree_FLUX"] = (flux[0] * len(parts), flux[1])
        file["FlatTree_EVT"] = (rate[0] * len(parts), rate[1])
    return path


@pytest.mark.parametrize("number", [1, 2, 5])
def test_files_joined_by_hadd_do_not_add_up_their_cross_sections(tmp_path, events, sigma, number):
    total = float(events.weight.sum())
    parts = [
        write(tmp_path / f"{i}.root", events, cross_section=sigma, flux=UniformFlux(0.4, 5.0),
              flux_average=1.2e-37, weight_sum=total)
        for i in range(number)
    ]  # fmt: skip
    sample = Sample([joined(tmp_path / "all.root", parts)])
    assert sample.header(events.process).flux_average == pytest.approx(1.2e-37)
    text = dict(sample.source.summary()).get("normalisation", "")
    assert (f"{number} files were joined by hadd" in text) == (number > 1)


def test_a_normalisation_that_cannot_be_is_not_used(tmp_path, events, sigma):
    total = float(events.weight.sum())
    part = write(tmp_path / "a.root", events, cross_section=sigma, flux=UniformFlux(0.4, 5.0),
                 flux_average=1.2e-37, weight_sum=total / 1.4)  # fmt: skip
    sample = Sample([part])
    assert sample.header(events.process).flux_average is None
    assert "neither is used" in dict(sample.source.summary())["normalisation"]


def test_energies_in_mev_are_refused(tmp_path, events):
    path = write(tmp_path / "a.root", events, flux_average=1.2e-37)
    with uproot.open(path) as file:
        block = file[TREE].arrays(["pdg", "px", "py", "pz", "E"], library="ak")
    lists = {name: block[name] * (1 if name == "pdg" else 1000) for name in block.fields}
    columns = {"Mode": np.ones(6, "i4"), "PDGnu": np.full(6, 14, "i4"),
               "tgt": np.full(6, 1000060120, "i4"), "PDGLep": np.full(6, 13, "i4"),
               "Enu_true": np.float32(1e3 * events.enu), "ELep": np.float32(1e3 * events.elep),
               "CosLep": np.float32(events.costheta), "": ak.zip(lists)}  # fmt: skip
    with uproot.recreate(tmp_path / "b.root") as file:
        types = {n: x.dtype if isinstance(x, np.ndarray) else x.type.content
                 for n, x in columns.items()}  # fmt: skip
        tree = file.mktree(TREE, types, field_name=lambda outer, inner: inner,
                           counter_name=lambda counted: "nfsp")  # fmt: skip
        tree.extend(columns)
    with pytest.raises(FormatError, match="right in MeV only"):
        Sample([tmp_path / "b.root"])


def test_sigma_survives_a_round_trip_of_a_flux(tmp_path, data):
    source = data / "nuwro_numu_C12_1GeV.root"
    convert(source, tmp_path / "a.flat.root")
    original, back = read(source), read(tmp_path / "a.flat.root")
    assert back.cross_section.edges == pytest.approx(original.cross_section.edges)
    assert back.cross_section.values == pytest.approx(original.cross_section.values)


def test_without_a_cross_section_there_are_no_histograms(tmp_path, events):
    with uproot.open(write(tmp_path / "a.root", events)) as file:
        assert file.keys(cycle=False) == [TREE]
    assert read(tmp_path / "a.root").cross_section is None


def test_columns_of_the_lepton(tmp_path, events):
    with uproot.open(write(tmp_path / "a.root", events)) as file:
        tree = file[TREE]
        numbers = tree.arrays(
            ["Q2", "q0", "q3", "W", "x", "y", "Enu_QE", "Mode", "cc", "nfsp", "ninitp", "nvertp"],
            library="np",
        )
        lists = tree.arrays(["px", "py", "pz", "E", "pdg", "pdg_init", "E_init"], library="ak")
        types = {name: tree[name].typename for name in ("Mode", "Enu_true", "fScaleFactor", "cc")}
    assert types == {
        "Mode": "int32_t", "Enu_true": "float", "fScaleFactor": "double", "cc": "int8_t",
    }  # fmt: skip
    assert numbers["Mode"].tolist() == [1, 1, 11, 26, 16, 2]
    assert set(numbers["nfsp"]) == {1}
    assert set(numbers["ninitp"]) == {2}
    assert set(numbers["nvertp"]) == {1}
    derived = events.derived()
    np.testing.assert_allclose(numbers["Q2"], derived.q2, rtol=1e-5)
    np.testing.assert_allclose(numbers["q0"], derived.omega, rtol=1e-5)
    np.testing.assert_allclose(numbers["q3"] ** 2, derived.q2 + derived.omega**2, rtol=1e-5)
    np.testing.assert_allclose(numbers["y"], derived.omega / events.enu, rtol=1e-5)
    assert lists["pdg"].tolist() == [[13]] * 6
    assert lists["pdg_init"].tolist() == [[14, 1000060120]] * 6
    momentum = np.array(lists.px[:, 0] ** 2 + lists.py[:, 0] ** 2 + lists.pz[:, 0] ** 2)
    mass2 = np.array(lists.E[:, 0]) ** 2 - momentum
    np.testing.assert_allclose(mass2, events.process.lepton_mass**2, atol=2e-5)


def test_quasielastic_energy_of_a_quasielastic_event(tmp_path):
    """A muon made on a neutron at rest, bound by 34 MeV, gives back the neutrino's energy."""
    proton, bound, mass = 0.93827208816, 0.93956542052 - 0.034, 0.1056583755
    enu, elep = 1.0, 0.7
    recoil2 = (enu + bound - elep) ** 2 - proton**2
    plep = np.sqrt(elep**2 - mass**2)
    costheta = (enu**2 + plep**2 - recoil2) / (2 * enu * plep)
    events = EventTable(
        Process.from_name("numu_cc_C12"), [enu], [elep], [costheta], [Channel.QE], [1.0]
    )
    with uproot.open(write(tmp_path / "a.root", events)) as file:
        found = file[TREE].arrays(["Enu_QE", "Q2_QE", "Q2"], library="np")
    assert found["Enu_QE"][0] == pytest.approx(enu, rel=1e-5)
    assert found["Q2_QE"][0] == pytest.approx(found["Q2"][0], rel=1e-5)


def test_antineutrinos_have_negative_codes(tmp_path, events):
    anti = events.with_(process=Process.from_name("numubar_cc_C12"))
    path = write(tmp_path / "a.root", anti)
    with uproot.open(path) as file:
        assert file[TREE]["Mode"].array(library="np").tolist() == [-1, -1, -11, -26, -16, -2]
    assert read(path).process.name == "numubar_cc_C12"


def test_the_seed_makes_the_azimuth_and_nothing_else_the_bytes(tmp_path, events):
    a = write(tmp_path / "a.root", events).read_bytes()
    assert write(tmp_path / "b.root", events).read_bytes() == a
    Nuisance().write(
        tmp_path / "c.root", [events[:2], events[2:]], lambda: Header(events.process, 6)
    )
    assert (tmp_path / "c.root").read_bytes() == a
    other = write(tmp_path / "d.root", events, provenance=Provenance(parameters={"seed": 7}))
    assert other.read_bytes() != a
