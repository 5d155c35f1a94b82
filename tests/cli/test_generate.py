import hashlib

import numpy as np
import pytest
import uproot

import nugen_gan


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_one_energy(run, tiny_folder, tmp_path):
    result = run("generate", tiny_folder, "-n", 500, "--energy", 1, "--seed", 7)
    assert result.code == 0, result.err
    assert "cross section" in result.out
    events = nugen_gan.read(tmp_path / "tiny.events.root")
    assert len(events) == 500
    assert (events.enu == 1.0).all()
    assert events.process.name == "numu_cc_Ar40"
    assert events.provenance.parameters["seed"] == 7
    assert events.is_physical().all()


def test_the_file_says_how_to_make_it_again(run, tiny_folder, tmp_path):
    first = run("generate", tiny_folder, "-n", 3000, "-e", "0.2,10", "-o", "a.root")
    seed = next(line.split()[1] for line in first.out.splitlines() if line.startswith("seed"))
    again = run("generate", tiny_folder, "-n", 3000, "-e", "0.2,10", "-o", "b.root", "--seed", seed)
    assert again.code == 0
    assert _digest(tmp_path / "a.root") == _digest(tmp_path / "b.root")


@pytest.mark.parametrize("format_", ["table", "nuisance"])
def test_same_seed_same_bytes_whatever_the_chunk(run, tiny_folder, tmp_path, format_):
    common = ("generate", tiny_folder, "-n", 10_000, "-e", "0.2,10", "--seed", 1)
    for chunk in (1000, 8192, 100_000):
        result = run(*common, "--format", format_, "--chunk", chunk, "-o", f"{chunk}.root")
        assert result.code == 0, result.err
    digests = {_digest(path) for path in tmp_path.glob("*0.root")} | {
        _digest(tmp_path / "8192.root")
    }
    assert len(digests) == 1


def test_flux_times_sigma(run, tiny_folder, tiny_model, tmp_path):
    result = run("generate", tiny_folder, "-n", 20_000, "-e", "0.5,10", "-f", "powerlaw:1",
                 "--seed", 1)  # fmt: skip
    assert result.code == 0, result.err
    enu = nugen_gan.read(tmp_path / "tiny.events.root").enu
    edges = np.geomspace(0.5, 10.0, 9)
    grid = np.geomspace(0.5, 10.0, 40_001)
    rate = tiny_model.cross_section(grid) / grid
    below = np.concatenate([[0.0], np.cumsum(0.5 * (rate[1:] + rate[:-1]) * np.diff(grid))])
    expected = 20_000 * np.diff(np.interp(edges, grid, below)) / below[-1]
    counts = np.histogram(enu, bins=edges)[0]
    assert ((counts - expected) ** 2 / expected).sum() < 30


def test_like_another_file(run, tiny_folder, data, tmp_path):
    source = data / "numu_Ar40_1k.root"
    assert run("generate", tiny_folder, "--like", source).code == 0
    events = nugen_gan.read(tmp_path / "tiny.events.root")
    np.testing.assert_array_equal(events.enu, nugen_gan.read(source).enu)


@pytest.mark.parametrize(
    ("events", "words"), [(2500, "each is taken 2.5 times"), (400, "of which the first are taken")]
)
def test_like_another_file_says_what_it_does_with_its_energies(
    run, tiny_folder, data, events, words
):
    result = run("generate", tiny_folder, "--like", data / "numu_Ar40_1k.root", "-n", events)
    assert result.code == 0, result.err
    assert f"1,000 energies for {events:,d} events" in result.out
    assert words in result.out


def test_a_card_with_an_include(run, tiny_folder, tmp_path):
    """NuWro uses the beam of the included file: mean flux energy 3.5 GeV, not 1 GeV."""
    (tmp_path / "card.txt").write_text("beam_energy = 1000\n@my_beam.txt\n")
    (tmp_path / "my_beam.txt").write_text("beam_energy = 2000 6000 4 3 2 1\n")
    result = run("generate", tiny_folder, "-n", 2000, "-f", "card.txt", "-o", "x.root")
    assert result.code == 0, result.err
    assert "include" in result.out
    enu = nugen_gan.read(tmp_path / "x.root").enu
    assert enu.min() > 2.0
    assert enu.mean() > 3.5


def test_a_flux_that_begins_below_the_model(run, tiny_folder, tmp_path):
    (tmp_path / "beam.txt").write_text("beam_content = 14 50% 0 3000\n")
    result = run("generate", tiny_folder, "-n", 100, "-f", "beam.txt")
    assert result.code == 2
    message = " ".join(result.err.split())
    assert "where 93.33% of the flux lies" in message
    assert "Restrict it with --energy 0.2,3" in message
    assert run("generate", tiny_folder, "-n", 100, "-f", "beam.txt", "-e", "0.2,3").code == 0


def test_a_flux_of_several_columns(run, tiny_folder, tmp_path):
    rows = "".join(f"{i / 10:.1f} {(i + 1) / 10:.1f} {i + 1}e-12 9e-13\n" for i in range(10))
    (tmp_path / "release.dat").write_text(f"Fluxes\n\nElo Ehi numu numubar\n{rows}")
    result = run("generate", tiny_folder, "-n", 100, "-f", "release.dat", "-e", "0.2,1")
    assert result.code == 0, result.err
    assert "column 3, numu, is the flux" in result.out


def test_a_unit_behind_a_flux(run, tiny_folder, tmp_path):
    with uproot.recreate(tmp_path / "flux.root") as file:
        file["numu"] = (np.array([1.0, 3.0]), np.array([0.0, 1500.0, 3000.0]))
    common = ("generate", tiny_folder, "-n", 100, "-e", "0.2,3")
    result = run(*common, "-f", "flux.root,numu")
    assert result.code == 2
    assert "0-3000 GeV in the one case and 0-3 GeV in the other" in " ".join(result.err.split())
    result = run(*common, "-f", "flux.root,MEV", "-o", "x.root")
    assert result.code == 0, result.err
    assert "numu is the only histogram" in result.out
    assert nugen_gan.read(tmp_path / "x.root").enu.max() > 1.5


def test_nuisance_flat_tree_is_normalised(run, tiny_folder, tiny_model, tmp_path):
    result = run(
        "generate", tiny_folder, "-n", 2000, "-e", "1", "--format", "nuisance", "-o", "f.root"
    )
    assert result.code == 0, result.err
    with uproot.open(tmp_path / "f.root") as file:
        tree = file["FlatTree_VARS"].arrays(
            ["Weight", "fScaleFactor", "Mode", "tgta"], library="np"
        )
    per_nucleon = float((tree["Weight"] * tree["fScaleFactor"]).sum())
    assert per_nucleon == pytest.approx(float(tiny_model.cross_section(1.0)) / 40, rel=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-e", "25"), "0.2 to 20 GeV"),
        (("-e", "0.1,1"), "0.2 to 20 GeV"),
        (("-e", "1000"), "If you meant MeV, write --energy 1"),
        (("-e", "500,2000"), "If you meant MeV, write --energy 0.5,2"),
        ((), "which neutrino energies"),
        (("-e", "-1"), "positive"),
        (("-e", "3,1"), "smaller energy comes first"),
        (("-e", "one"), "neither one energy"),
        (("-e", "1", "-f", "uniform"), "range of energies"),
        (("-f", "gauss"), "Allowed are"),
        (("-e", "1", "-n", "0"), "1<=x<="),
        (("-e", "1", "--format", "docx"), "docx"),
        (("-e", "1", "--like", "x.root"), "leave out --energy"),
        (("--like", "missing.root"), "missing.root"),
    ],
)
def test_mistakes(run, tiny_folder, tmp_path, words, message):
    result = run("generate", tiny_folder, *words)
    assert result.code == 2
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_insisting_on_extrapolation(run, tiny_folder):
    assert run("generate", tiny_folder, "-n", 10, "-e", "25", "--allow-extrapolation").code == 0


def test_no_such_model(run):
    result = run("generate", "no_such_model", "-e", "1")
    assert result.code == 2
    assert "neither a folder nor a bundled model" in " ".join(result.err.split())


@pytest.mark.parametrize("place", ["no/such/folder/x.root", "folder.root"])
def test_unwritable_output(run, tiny_folder, tmp_path, place):
    (tmp_path / "folder.root").mkdir()
    result = run("generate", tiny_folder, "-n", 10, "-e", "1", "-o", place)
    assert result.code == 1
    assert "cannot write" in result.err


def test_full_disk_leaves_the_old_file(run, tiny_folder, tmp_path, monkeypatch):
    assert run("generate", tiny_folder, "-n", 10, "-e", "1", "-o", "x.root").code == 0
    before = _digest(tmp_path / "x.root")

    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nugen_gan.adapters.table.Table.write", full)
    result = run("generate", tiny_folder, "-n", 10, "-e", "1", "-o", "x.root", "--overwrite")
    assert result.code == 1
    assert "disk is full" in " ".join(result.err.split())
    assert _digest(tmp_path / "x.root") == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["tiny", "x.root"]
