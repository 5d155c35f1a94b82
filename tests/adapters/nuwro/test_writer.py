import awkward as ak
import numpy as np
import pytest
import uproot
from read_with_root_runner import read_with_root

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.nuwro.reader import NuWro
from nugen_gan.conversion.convert import convert, read, write
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import FormatError, UsageError
from nugen_gan.events.provenance import Provenance
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.flux import MonoFlux, PowerLawFlux, UniformFlux, histogram_flux
from nugen_gan.physics.process import Channel, Process

TREE = "treeout"


@pytest.fixture
def sigma():
    return CrossSection.from_points([0.2, 1.0, 10.0], [1e-39, 9e-38, 9e-37], "points")


def nuwro(path, events, flux_average=1.2e-37, **header):
    full = Header(events.process, len(events), flux_average=flux_average,
                  weight_sum=float(events.weight.sum()), **header)  # fmt: skip
    NuWro().write(path, [events], lambda: full)
    return path


def leaves(path, *names):
    with uproot.open(path) as file:
        return file[TREE].arrays(names, library="np")


def without_record(path, *more):
    """Copy the tree and the flux of a file of ours as if NuWro had written them.

    Trees of other files are joined to it, as by hadd.
    """
    other = path.with_name("other.root")
    with uproot.open(path) as old, uproot.recreate(other) as new:
        columns = {name: branch.array() for name, branch in old[TREE].items()}
        for part in more:
            with uproot.open(part) as file:
                columns = {name: ak.concatenate([column, file[TREE][name].array()])
                           for name, column in columns.items()}  # fmt: skip
        del columns["nin"], columns["nout"], columns["npost"]
        types = {name: "string" if str(x.type.content) == "string" else x.type.content
                 for name, x in columns.items()}  # fmt: skip
        new.mktree(TREE, types).extend(columns)
        if "flux" in old:
            new["flux"] = old["flux"].to_numpy()
    return other


def test_leaves_are_nuwro_s(data, tmp_path, events):
    path = nuwro(tmp_path / "a.nuwro.root", events)
    with (
        uproot.open(path) as ours,
        uproot.open(data / "nuwro_numu_C12_1GeV.root") as genuine,
    ):
        types = {branch.name: branch.typename for branch in genuine[TREE].itervalues()}
        assert genuine[TREE].title == ours[TREE].title
        for name, branch in ours[TREE].items():
            if name not in ("nin", "nout", "npost"):
                # Strings of C++ are C strings here.
                assert branch.typename == types[name].replace("std::string", "char*")


@pytest.mark.parametrize("name", ["numu_cc_C12", "numubar_cc_Ar40", "nue_cc_H1"])
def test_events_survive_a_round_trip(tmp_path, events, sigma, name):
    table = EventTable(
        Process.from_name(name), events.enu, events.elep, events.costheta,
        [Channel.QE, Channel.HYP, Channel.OTHER, Channel.DIS, Channel.COH, Channel.MEC],
        events.weight, sigma, Provenance("nugen-gan", "1.2", {"seed": 5}),
    )  # fmt: skip
    back = read(write(table, tmp_path / "x.nuwro.root"))
    assert back.process == table.process
    np.testing.assert_array_equal(back.channel, table.channel)
    for column in ("enu", "elep"):
        np.testing.assert_allclose(getattr(back, column), getattr(table, column), rtol=1e-15)
    np.testing.assert_allclose(back.costheta, table.costheta, atol=1e-12)
    # Relative to their mean, as always in NuWro's files.
    np.testing.assert_allclose(back.weight, table.weight / table.weight.mean())
    assert back.cross_section.as_dict() == sigma.as_dict()
    assert back.provenance.generator == "nugen-gan"
    assert back.provenance.parameters == {"seed": 5}
    assert back.provenance.files[0].name == "x.nuwro.root"


@pytest.mark.parametrize(
    ("flux", "back"),
    [
        (None, None),
        (MonoFlux(0.6), MonoFlux(0.6)),
        (UniformFlux(0.4, 5.0), UniformFlux(0.4, 5.0)),
        (histogram_flux([0.4, 1.0, 5.0], [3.0, 1.0]), histogram_flux([0.4, 1.0, 5.0], [3.0, 1.0])),
        (PowerLawFlux(1.0, 0.4, 5.0), "histogram"),
    ],
)
@pytest.mark.parametrize("own", [True, False])
def test_the_normalisation_comes_from_the_parameters(tmp_path, events, flux, back, own):
    """Also without the text that only we write: as NuWro's own files are read."""
    path = nuwro(tmp_path / "a.nuwro.root", events, flux=flux)
    if not own:
        path = without_record(path)
    sample = Sample([path])
    (run,) = sample.source.runs()
    assert run.events == len(events)
    assert run.cross_section == pytest.approx(1e-38, rel=1e-12)
    found = run.beams[14][1]
    if back == "histogram":
        edges = np.geomspace(0.4, 5.0, 50)
        np.testing.assert_allclose(found.fractions(edges), flux.fractions(edges), rtol=1e-3)
    else:
        assert found == back
    header = sample.header(events.process)
    assert header.flux_average == pytest.approx(1.2e-37, rel=1e-12)
    # Our own text has it as it was, not as a histogram.
    assert header.flux == (flux if own else found)


def test_runs_of_different_beams_joined_by_hadd_are_refused(tmp_path, events):
    mono = events.with_(enu=np.full(6, 1.0), elep=np.full(6, 0.5))
    first = nuwro(tmp_path / "a.nuwro.root", mono, flux=MonoFlux(1.0))
    same = nuwro(tmp_path / "b.nuwro.root", mono, flux=MonoFlux(1.0),
                 provenance=Provenance(parameters={"seed": 7}))  # fmt: skip
    other = nuwro(tmp_path / "c.nuwro.root", mono, flux=MonoFlux(2.0))
    sample = Sample([without_record(first, same)])
    assert sample.header(events.process).flux_average == pytest.approx(1.2e-37)
    with pytest.raises(FormatError, match=r"different settings: beam_energy.*'1000'.*'2000'"):
        Sample([without_record(first, other)])


def test_energies_in_gev_are_refused(tmp_path, events):
    path = without_record(nuwro(tmp_path / "a.nuwro.root", events))
    with uproot.open(path) as file:
        columns = {name: branch.array() for name, branch in file[TREE].items()}
    columns = {n: x for n, x in columns.items() if not n.startswith("n")} | {
        "norm": columns["norm"]}  # fmt: skip
    for name in columns:
        if name.split(".")[0] in ("in", "out", "post") and name[-2:] in (".t", ".x", ".y", ".z"):
            columns[name] = columns[name] / 1000
    types = {name: "string" if str(x.type.content) == "string" else x.type.content
             for name, x in columns.items()}  # fmt: skip
    with uproot.recreate(tmp_path / "gev.root") as new:
        new.mktree(TREE, types).extend(columns)
    with pytest.raises(FormatError, match=r"energies in MeV, but the masses.*right in GeV only"):
        Sample([tmp_path / "gev.root"])


def test_a_converted_file_gives_the_same_cross_section(data, tmp_path):
    source = data / "nuwro_numu_C12_1GeV.root"
    (done,) = convert(source, tmp_path / "a.nuwro.root")
    original, back = read(source), read(done.path)
    assert back.cross_section == original.cross_section
    np.testing.assert_allclose(back.enu, original.enu, rtol=1e-15)
    np.testing.assert_allclose(back.costheta, original.costheta, atol=1e-12)
    with uproot.open(source) as old, uproot.open(done.path) as new:
        assert new[TREE]["weight"].array()[0] == pytest.approx(old[TREE]["weight"].array()[0])
        # The order of NuWro's bins, and the numbers but for NuWro's own statistical errors.
        before, after = old["xsections"].values(), new["xsections"].values()
        np.testing.assert_allclose(after, before[: len(after)], rtol=0.1, atol=1e-40)


def test_the_sum_of_the_channels_is_the_weight(tmp_path, events):
    path = nuwro(tmp_path / "a.nuwro.root", events)
    with uproot.open(path) as file:
        values, errors = file["xsections"].values(), file["xsections"].errors()
        weight = file[TREE]["weight"].array(library="np")
    assert values.sum() == pytest.approx(1e-38, rel=1e-14)
    assert weight.mean() == pytest.approx(1e-38, rel=1e-14)
    # QE, RES, DIS, COH, MEC, hyperons; two quasielastic events of weights 1 and 2.
    total = events.weight.sum()
    np.testing.assert_allclose(values, np.array([3, 0.5, 1, 1, 0.25, 0]) / total * 1e-38)
    assert errors[0] == pytest.approx(np.sqrt(5) / total * 1e-38)


def test_numbers_of_the_leaves(tmp_path, events):
    path = nuwro(tmp_path / "a.nuwro.root", events)
    found = leaves(path, "dyn", "flag.cc", "flag.qel", "flag.anty", "in.t", "in.z", "out.t",
                   "post.t", "out._mass", "par.nucleus_p", "par.nucleus_n", "norm")  # fmt: skip
    assert found["dyn"].tolist() == [0, 0, 2, 4, 6, 8]
    assert found["flag.qel"].tolist() == [True, True, False, False, False, False]
    assert found["flag.cc"].all()
    assert not found["flag.anty"].any()
    np.testing.assert_allclose([x[0] for x in found["in.z"]], 1000 * events.enu)
    np.testing.assert_allclose([x[0] for x in found["out.t"]], 1000 * events.elep)
    np.testing.assert_allclose([x[0] for x in found["post.t"]], 1000 * events.elep)
    assert found["out._mass"][0][0] == pytest.approx(105.658, abs=1e-3)
    assert set(found["par.nucleus_p"]) == set(found["par.nucleus_n"]) == {6}


def test_equal_weights_are_one_number(tmp_path, events):
    """As scripts expect that take the cross section from the first event."""
    path = nuwro(tmp_path / "a.nuwro.root", events.with_(weight=np.full(6, 0.3)))
    (weight,) = set(leaves(path, "weight")["weight"])
    assert weight == pytest.approx(1e-38, rel=1e-14)
    assert read(path).weight.tolist() == [1.0] * 6


def test_without_a_cross_section_nothing_is_written(tmp_path, events):
    with pytest.raises(UsageError, match="--cross-section"):
        write(events, tmp_path / "a.nuwro.root")
    assert not list(tmp_path.iterdir())


def test_equal_events_are_equal_bytes_however_they_come(tmp_path, events, sigma):
    header = Header(events.process, len(events), sigma, UniformFlux(0.4, 5.0), 1e-37,
                    weight_sum=float(events.weight.sum()))  # fmt: skip
    for name, parts in (("x", [events]), ("y", [events[:2], events[2:]])):
        NuWro().write(tmp_path / name, parts, lambda: header)
    assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()


def test_no_events(tmp_path, events):
    path = nuwro(tmp_path / "a.nuwro.root", events[:0])
    with uproot.open(path) as file:
        assert file[TREE].num_entries == 0
        assert file["xsections"].values().sum() == 0.0


def test_root_itself_reads_it(tmp_path, data, monkeypatch):
    """With TTreeReader, over several baskets."""
    monkeypatch.setattr("nugen_gan.adapters.nuwro.reader.BLOCK", 64)
    table = read(data / "nuwro_numu_C12_1GeV.root")[:200]
    path = nuwro(tmp_path / "x.nuwro.root", table, flux=MonoFlux(1.0))
    found = read_with_root(path, TREE)
    assert found["entries"] == len(found["events"]) == 200
    assert found["drawn"] == pytest.approx((1000 * table.elep).tolist(), rel=1e-15)
    assert found["xsections"] == pytest.approx(1e-38)
    names = ("in.t", "in.z", "out.t", "out.x", "out.y", "out.z", "post.t", "in.pdg", "out.pdg")
    with uproot.open(path) as file:
        lists = {name: file[TREE][name].array().to_list() for name in names}
    for number, event in enumerate(found["events"]):
        assert {name: event[name] for name in names} == {n: lists[n][number] for n in names}
        assert event["weight"] == pytest.approx(1e-38, rel=1e-14)
        assert event["flag.cc"]
        assert event["flag.qel"] == (table.channel[number] == Channel.QE)
        assert event["par.nucleus_p"] == 6
