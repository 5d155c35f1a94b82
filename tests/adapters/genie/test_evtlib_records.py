import numpy as np
import pytest
from evtlib_replay import Library
from genie_toys import SIGMA, assert_same_particles, event_of

from nugen_gan.conversion.convert import read, write
from nugen_gan.errors import UsageError
from nugen_gan.physics.cross_section import CrossSection

FOLDER = "C12/cc/nu_mu"


@pytest.fixture(scope="module")
def table(data):
    sigma = CrossSection.from_points(*SIGMA, "points")
    return read(data / "genie_numu_C12.gst.root").with_(cross_section=sigma)


@pytest.fixture
def written(table, tmp_path):
    return write(table, tmp_path / "x.evtlib.root")


def test_genie_replays_whole_events(written, table):
    """The record at or above the energy, turned about the neutrino, its lepton first."""
    library = Library(written, FOLDER)
    random = np.random.default_rng(1)
    order = np.argsort(table.enu)
    energies = np.float32(table.enu[order])
    for energy in random.uniform(energies[0], energies[-1], 300):
        found, lepton, particles = library.replay(energy, random.uniform(0.0, 2.0 * np.pi))
        row = table[order[[np.searchsorted(energies, np.float32(energy))]]]
        assert found == np.float32(row.enu[0]) >= np.float32(energy)
        hadrons = row.particles[0]
        assert lepton == particles[0]
        assert [one[0] for one in particles] == [13, *hadrons.pdg.to_list()]
        total = np.sum([one[1:] for one in particles], axis=0)
        sums = np.array([sum(hadrons[name].to_list()) for name in ("px", "py", "pz", "E")])
        plep = np.sqrt(row.elep[0] ** 2 - row.process.lepton_mass**2)
        sums[0] += plep * np.sqrt(1.0 - row.costheta[0] ** 2)
        sums[2] += plep * row.costheta[0]
        sums[3] += row.elep[0]
        assert np.hypot(*total[:2]) == pytest.approx(np.hypot(*sums[:2]), abs=1e-5)
        assert total[2:] == pytest.approx(sums[2:], rel=1e-6)


def test_beyond_the_last_record_there_is_nothing(written, table):
    library = Library(written, FOLDER)
    assert library.replay(1.001 * table.enu.max(), 0.0) is None
    assert library.replay(0.01, 0.0) is not None


def test_single_precision_is_what_a_round_trip_costs(written, table):
    assert_same_particles(read(written), table, rtol=1e-6, atol=5e-7)


def test_leptons_alone_are_one_particle(table, tmp_path):
    path = write(table.without_particles(), tmp_path / "y.evtlib.root")
    assert {record["nparts"] for record in Library(path, FOLDER).records} == {1}
    assert read(path).particles is None


def test_no_more_than_genie_has_room_for(tmp_path):
    sigma = CrossSection.from_points(*SIGMA, "points")
    many = event_of([2112], copies=1023).with_(cross_section=sigma)
    assert len(Library(write(many, tmp_path / "x.evtlib.root"), FOLDER).replay(1.0, 0.0)[2]) == 1024
    more = event_of([2112], copies=1024).with_(cross_section=sigma)
    with pytest.raises(UsageError, match=r"1,025 particles.*room for 1,024"):
        write(more, tmp_path / "y.evtlib.root")
