from types import SimpleNamespace

import numpy as np
import pytest

from nugen_gan.adapters.nuwro.beam import beams, target_atoms
from nugen_gan.adapters.nuwro.reader import NuWro
from nugen_gan.conversion.convert import read, read_all
from nugen_gan.conversion.sample import Sample
from nugen_gan.physics.flux import MonoFlux, UniformFlux
from nugen_gan.physics.process import Channel, Process

# Per file: process, events, charged-current ones, weight, events by dyn.  From the list that
# came with the files.
GENUINE = {
    "nuwro_numu_C12.root": (
        "numu_cc_C12", 5000, 4999, 1.74080551e-38, {0: 1084, 2: 1733, 4: 1916, 6: 37, 8: 229}),
    "nuwro_numu_C12_1GeV.root": (
        "numu_cc_C12", 2000, 2000, 9.09602063e-39, {0: 978, 2: 770, 6: 11, 8: 241}),
    "nuwro_numu_Ar40.root": (
        "numu_cc_Ar40", 10000, 9999, 1.78042579e-38, {0: 2339, 2: 3463, 4: 3611, 6: 94, 8: 492}),
    "nuwro_numubar_C12.root": (
        "numubar_cc_C12", 10000, 9998, 7.87654393e-39,
        {0: 2489, 2: 4449, 4: 2158, 6: 167, 8: 578, 10: 157}),
    "nuwro_numu_C12_LFG.root": (
        "numu_cc_C12", 10000, 9999, 1.79943412e-38, {0: 2109, 2: 2584, 4: 4745, 6: 74, 8: 487}),
}  # fmt: skip
CHANNEL = {0: "QE", 2: "RES", 4: "DIS", 6: "COH", 8: "MEC", 10: "HYP"}


@pytest.mark.parametrize("name", GENUINE)
def test_every_genuine_file_gives_its_known_numbers(shared_data, name):
    process, events, selected, weight, by_dyn = GENUINE[name]
    path = shared_data / "nuwro" / name
    sample = Sample([path])
    assert sample.adapter.name == "nuwro"
    assert sample.read == events
    ((found_process, found),) = sample.found.items()
    assert found_process.name == process
    assert found.cutflow.kept == selected
    assert found.channels == {CHANNEL[dyn]: count for dyn, count in by_dyn.items()}
    assert f"{weight:.9g} cm2 per nucleon" in dict(sample.source.summary())["total cross section"]
    average = sample.header(found_process).flux_average
    assert average == pytest.approx(found_process.a * weight * selected / events, rel=1e-12)


@pytest.mark.parametrize("name", GENUINE)
def test_exposure_times_sigma_is_the_number_of_events(shared_data, name):
    sample = Sample([shared_data / "nuwro" / name])
    ((process, found),) = sample.found.items()
    sigma = sample.cross_section(process)
    (run,) = sample.source.runs()
    expected = (run.exposure(process, np.array(sigma.edges)) * sigma.values).sum()
    assert expected == pytest.approx(found.cutflow.kept, rel=1e-12)


def test_a_mixture_of_probes_and_targets(shared_data):
    path = shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root"
    tables = read_all(path)
    carbon = sum(len(table) for process, table in tables.items() if process.target_name == "C12")
    hydrogen = sum(len(table) for process, table in tables.items() if process.target_name == "H1")
    assert (carbon, hydrogen) == (2081, 82)
    assert {process.name for process in tables} == {
        "numu_cc_C12", "numu_cc_H1", "numubar_cc_C12", "numubar_cc_H1", "nue_cc_C12",
        "nue_cc_H1", "nuebar_cc_C12",
    }  # fmt: skip
    sample = Sample([path])
    (run,) = sample.source.runs()
    shares = {probe: share for probe, (share, _) in run.beams.items()}
    assert shares[14] == pytest.approx(0.9267, abs=1e-4)
    assert sum(shares.values()) == pytest.approx(1.0)
    for process, table in tables.items():
        # Few events make few, wide bins, in which the flux varies a lot: the curve must fold with
        # the flux to the events that were counted, to their statistical error.
        sigma = table.cross_section
        edges = np.linspace(*sigma.energy_range, 4001)
        expected = (run.exposure(process, edges) * sigma(0.5 * (edges[1:] + edges[:-1]))).sum()
        assert expected == pytest.approx(len(table), rel=0.02 + 1.0 / np.sqrt(len(table)))


def test_energies_are_in_gev_and_angles_are_those_of_the_lepton(data):
    table = read(data / "nuwro_numu_C12_1GeV.root")
    assert table.energy_range() == (1.0, 1.0)
    assert table.is_physical().all()
    assert table.elep.min() < 0.3
    assert (np.abs(table.costheta) <= 1.0).all()
    # The quasielastic peak of a nucleon at rest: omega = Q2 / 2M, up to the Fermi motion.
    qe = table[table.channel == Channel.QE].derived()
    assert np.median(qe.omega - qe.q2 / (2 * 0.939)) == pytest.approx(0.03, abs=0.03)


def test_provenance_tells_the_models(data):
    origin = NuWro().open([data / "nuwro_numu_C12_1GeV.root"]).provenance()
    assert (origin.generator, origin.version) == ("NuWro", "")
    assert origin.parameters["deduced_version"] == "25.11 or newer"
    assert origin.parameters["sf_method"] == 1
    assert origin.parameters["beam_energy.string"] == "1000"
    assert origin.files[0].entries == 2000


def test_two_files_are_one_sample(shared_data):
    folder = shared_data / "nuwro"
    both = read([folder / "nuwro_numu_C12.root", folder / "nuwro_numu_C12_LFG.root"])
    assert len(both) == 4999 + 9999
    assert both.provenance.parameters["sf_method"] == [1, 0]
    assert len(both.provenance.files) == 2
    # Neither run's cross section but one between them, as both have the same flux.
    energy = np.array([3.0])
    one, two = (
        read(folder / name).cross_section(energy)[0]
        for name in ("nuwro_numu_C12.root", "nuwro_numu_C12_LFG.root")
    )
    assert min(one, two) * 0.9 < both.cross_section(energy)[0] < max(one, two) * 1.1


CONTENT = " 14 60% 0 2000 1 2 3 4\n -14 20% 1000\n"


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"beam_type": 0, "beam_particle": 14, "beam_energy.string": "600 // MeV"},
         {14: (1.0, MonoFlux(0.6))}),
        ({"beam_type": 0, "beam_particle": 12, "beam_energy.string": "600 600"},
         {12: (1.0, MonoFlux(0.6))}),
        ({"beam_type": 0, "beam_particle": -14, "beam_energy.string": "500 2000"},
         {-14: (1.0, UniformFlux(0.5, 2.0))}),
        ({"beam_type": 0, "beam_particle": 14, "beam_energy.string": ""}, {14: (1.0, None)}),
        ({"beam_type": 5, "beam_particle": 14, "beam_inputroot": "gone.root",
          "beam_inputroot_flux": "numu"}, {14: (1.0, None)}),
        ({"beam_type": 6, "beam_inputroot": "gone.root", "beam_inputroot_numu": "numu"}, None),
        ({"beam_type": 2}, None),
    ],
)  # fmt: skip
def test_beams(tmp_path, parameters, expected):
    assert beams(parameters, tmp_path / "events.root") == expected


def test_a_beam_of_several_species(tmp_path):
    found = beams({"beam_type": 1, "beam_content.string": CONTENT}, tmp_path / "x")
    assert found[14][0] == pytest.approx(0.75)
    assert found[-14] == (pytest.approx(0.25), MonoFlux(1.0))
    np.testing.assert_allclose(found[14][1].edges, [0.0, 0.5, 1.0, 1.5, 2.0])
    assert found[14][1].contents == (1.0, 2.0, 3.0, 4.0)


def test_flux_histograms_are_found_beside_the_events(shared_data, tmp_path):
    flux = shared_data / "flux" / "t2kflux_2016_plus250kA.root"
    (tmp_path / flux.name).write_bytes(flux.read_bytes())
    common = {"beam_inputroot": f"somewhere/else/{flux.name}"}
    one = {**common, "beam_type": 5, "beam_particle": 14, "beam_inputroot_flux": "enu_nd280_numu"}
    assert beams(one, tmp_path / "x.root")[14][1].mean_energy() == pytest.approx(0.85, abs=0.3)
    both = {**common, "beam_type": 6, "beam_inputroot_numu": "enu_nd280_numu",
            "beam_inputroot_nue": "enu_nd280_nue"}  # fmt: skip
    found = beams(both, tmp_path / "x.root")
    assert found[14][0] + found[12][0] == pytest.approx(1.0)
    assert found[12][0] < 0.05


def test_targets():
    assert target_atoms({"target_type": 0}, 1000180400) == {1000180400: 1.0}
    water = {"target_type": 1, "target_content.string": " 1 0 2x \n 8 8 1x 7 8 2 "}
    assert target_atoms(water, 0) == {1000010010: 2.0, 1000080160: 1.0}
    assert target_atoms({"target_type": 2}, 1000060120) is None


# Of a muon of 500 MeV.
MOMENTUM = np.sqrt(500.0**2 - 105.658**2)


def block(**changes):
    """Return leaves of one event that goes along -x, as the tree would give them."""
    import awkward as ak

    leaves = {
        "in.t": 1000.0, "in.x": -1000.0, "in.y": 0.0, "in.z": 0.0, "in.pdg": 14,
        "out.t": 500.0, "out.x": 0.0, "out.y": MOMENTUM, "out.z": 0.0, "out.pdg": 13,
    }  # fmt: skip
    numbers = {"dyn": 0, "weight": 3e-39, "par.nucleus_p": 6, "par.nucleus_n": 6}
    for name, value in changes.items():
        place = leaves if name.replace("_", ".") in leaves else numbers
        place[name.replace("_", ".") if place is leaves else name] = value
    columns = {name: ak.Array([[value, value]]) for name, value in leaves.items()}
    columns.update({name: ak.Array([value]) for name, value in numbers.items()})
    return columns


def events(monkeypatch, tmp_path, columns, mean=3e-39):
    """Read a block through the source, as if a file held it."""
    from nugen_gan.adapters.nuwro import reader as nuwro
    from nugen_gan.storage import root as root_io

    file = SimpleNamespace(path=tmp_path / "x.root", entries=1, mean_weight=mean)
    monkeypatch.setattr(nuwro, "inspect", lambda path: file)
    monkeypatch.setattr(root_io, "blocks", lambda *_: iter([columns]))
    source = NuWro().open([file.path])
    source.hadrons = False
    (chunk,) = source.chunks()
    return chunk


def test_the_angle_is_taken_from_the_neutrino_whichever_way_it_goes(monkeypatch, tmp_path):
    chunk = events(monkeypatch, tmp_path, block())
    assert chunk.costheta[0] == pytest.approx(0.0)
    chunk = events(monkeypatch, tmp_path, block(out_x=-MOMENTUM, out_y=0.0))
    assert chunk.costheta[0] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("dyn", "cc", "channel"),
    [(0, True, "QE"), (1, False, "QE"), (2, True, "RES"), (5, False, "DIS"), (6, True, "COH"),
     (8, True, "MEC"), (10, True, "HYP"), (12, False, "OTHER"), (20, False, "OTHER")],
)  # fmt: skip
def test_dyn_codes(monkeypatch, tmp_path, dyn, cc, channel):
    chunk = events(monkeypatch, tmp_path, block(dyn=dyn))
    assert (bool(chunk.cc[0]), Channel(chunk.channel[0]).name) == (cc, channel)
    assert chunk.lepton[0] == (13 if cc else 0)


def test_hydrogen_in_a_mixture_and_relative_weights(monkeypatch, tmp_path):
    columns = block(weight=6e-39, **{"par.nucleus_p": 1, "par.nucleus_n": 0})
    chunk = events(monkeypatch, tmp_path, columns)
    assert chunk.target[0] == Process.from_name("numu_cc_H1").target
    assert chunk.weight[0] == pytest.approx(2.0)


def test_an_event_without_particles_is_not_physical(monkeypatch, tmp_path):
    import awkward as ak

    columns = {name: ak.Array([[]]) if "." in name and "par" not in name else column
               for name, column in block().items()}  # fmt: skip
    chunk = events(monkeypatch, tmp_path, columns)
    assert np.isnan(chunk.enu[0])
    assert chunk.lepton[0] == 0
