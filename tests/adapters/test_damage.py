"""No damage makes a reader hang, crash, or make numbers up: 300 files and more for each."""

import numpy as np
import pytest
from mutants import assert_no_new_events, mutants, read_or_refuse, retyped

from nugen_gan.conversion.convert import convert, read

# Format -> its tree, and the branches that the reader takes kinematics and selection from.
BRANCHES = {
    "nuwro": ("treeout", ["in.t", "in.x", "in.z", "in.pdg", "out.t", "out.y", "out.z", "out.pdg",
                          "dyn", "weight", "par.nucleus_p", "par.beam_type",
                          "par.beam_energy.string", "par.beam_particle"]),
    "nuisance": ("FlatTree_VARS", ["Mode", "cc", "PDGnu", "Enu_true", "PDGLep", "ELep", "CosLep",
                                   "tgt", "Weight", "fScaleFactor"]),
    "table": ("events", ["enu", "elep", "costheta", "channel", "weight"]),
}  # fmt: skip
# Other events, but possible ones: nothing in the file contradicts them.
POSSIBLE = {"in.z is negative", "out.z is negative", "CosLep is negative", "costheta is negative",
            "Enu_true is huge"}  # fmt: skip
SUFFIXES = {"nuwro": ".nuwro.root", "nuisance": ".flat.root", "table": ".table.root"}


@pytest.fixture(scope="module")
def intact(data, tmp_path_factory):
    """The same genuine events in each of the formats."""
    folder = tmp_path_factory.mktemp("intact")
    source = data / "nuwro_numu_C12_1GeV.root"
    return {name: convert(source, folder / f"a{suffix}")[0].path
            for name, suffix in SUFFIXES.items()}  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", BRANCHES)
def test_damaged_bytes(intact, tmp_path, name, seed):
    genuine, refused = read(intact[name]), 0
    for mutant in mutants(intact[name].read_bytes(), 100, seed):
        (tmp_path / "m.root").write_bytes(mutant)
        tables = read_or_refuse(tmp_path / "m.root", name)
        refused += tables is None
        assert_no_new_events(tables or [], genuine)
    assert refused > 50


def test_damaged_bytes_of_a_genuine_file(data, tmp_path):
    """NuWro's own, whose objects are of C++ classes."""
    original = data / "nuwro_numu_C12_1GeV.root"
    genuine = read(original)
    for mutant in mutants(original.read_bytes(), 40, 4):
        (tmp_path / "m.root").write_bytes(mutant)
        assert_no_new_events(read_or_refuse(tmp_path / "m.root", "nuwro") or [], genuine)


@pytest.mark.parametrize("name", BRANCHES)
def test_branches_that_are_missing_mistyped_or_absurd(intact, tmp_path, name):
    tree, branches = BRANCHES[name]
    genuine = read(intact[name])
    for damage in retyped(intact[name], tree, branches, tmp_path / "m.root"):
        tables = read_or_refuse(tmp_path / "m.root", name)
        found = [table for table in tables or [] if table.process == genuine.process]
        if damage not in POSSIBLE:
            assert_no_new_events(found, genuine)
        assert all(np.isfinite(table.enu).all() for table in found), damage


def test_a_damaged_file_does_not_spoil_the_next_one(data, tmp_path):
    """As it does where classes that it describes are remembered; the genuine one comes last."""
    original = data / "nuwro_numu_C12_1GeV.root"
    for mutant in mutants(original.read_bytes()[-60_000:], 40, 5):
        (tmp_path / "m.root").write_bytes(original.read_bytes()[:-60_000] + mutant)
        read_or_refuse(tmp_path / "m.root", "nuwro")
    assert len(read(original)) == 2000
