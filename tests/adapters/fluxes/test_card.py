import os
from itertools import pairwise

import numpy as np
import pytest
import uproot

from nugen_gan.adapters.fluxes.words import parse_flux, read_flux
from nugen_gan.errors import UsageError
from nugen_gan.physics.flux import MonoFlux

BEAM = "beam_type = 0\nbeam_particle = 14\nbeam_energy = 2000 6000 4 3 2 1\n"
CARD = (
    "# the defaults first\nnumber_of_events = 100\nbeam_type = 0\nbeam_energy = 1000\n"
    "beam_particle = 14\n{include}\nnucleus_p = 6\nnucleus_n = 6\n"
)


@pytest.fixture
def card(tmp_path):
    """Write a card that includes something, and give its name."""

    def write(include, more=""):
        (tmp_path / "card.txt").write_text(CARD.format(include=include) + more)
        return str(tmp_path / "card.txt")

    (tmp_path / "my_beam.txt").write_text(BEAM)
    return write


@pytest.mark.parametrize(
    "include", ["@my_beam.txt", "  @my_beam.txt  # the beam", "@ my_beam.txt", "@./my_beam.txt"]
)
def test_an_include_sets_the_beam(card, include):
    read = read_flux(card(include), probe=14)
    assert read.flux.energy_range == (2.0, 6.0)
    assert read.flux.mean_energy() == pytest.approx(3.5, rel=1e-3)
    np.testing.assert_allclose(read.flux.fractions([2, 3, 4, 5, 6]), [0.4, 0.3, 0.2, 0.1])
    assert "include" in " ".join(read.notes)
    assert "my_beam.txt" in " ".join(read.notes)


@pytest.mark.parametrize("name", ["my_beam.txt", "gone.txt"])
def test_a_beam_set_after_the_include_stays(card, name):
    read = read_flux(card(f"@{name}", "beam_energy = 3000\n"), probe=14)
    assert read.flux == MonoFlux(3.0)
    assert name in " ".join(read.notes)


@pytest.mark.parametrize("more", ["", "beam_particle = 14\n", "beam_energy += 1 2\n"])
def test_a_missing_include_is_named(card, more):
    with pytest.raises(UsageError, match=r"includes beam/newMB\.txt, which is not to be found"):
        parse_flux(card("@beam/newMB.txt", more), probe=14)


def test_a_target_that_is_included_sets_no_beam(card):
    read = read_flux(card("@target/CH.txt"), probe=14)
    assert read.flux == MonoFlux(1.0)
    assert "target/CH.txt" in " ".join(read.notes)


def test_where_included_files_are_looked_for(card, tmp_path, monkeypatch):
    other = tmp_path / "work"
    (other / "beam").mkdir(parents=True)
    monkeypatch.chdir(other)
    monkeypatch.delenv("NUWRO", raising=False)
    (other / "beam" / "two.txt").write_text("@deeper/three.txt\n")
    (other / "beam" / "deeper").mkdir()
    (other / "beam" / "deeper" / "three.txt").write_text("beam_energy = 600 800\n")
    assert parse_flux(card("@beam/two.txt"), probe=14).energy_range == (0.6, 0.8)
    nuwro = tmp_path / "nuwro"
    (nuwro / "data" / "beam").mkdir(parents=True)
    (nuwro / "data" / "beam" / "mine.txt").write_text("beam_energy = 2000\n")
    monkeypatch.setitem(os.environ, "NUWRO", str(nuwro))
    assert parse_flux(card("@beam/mine.txt"), probe=14) == MonoFlux(2.0)


@pytest.mark.parametrize("names", [("card",), ("b", "card"), ("b", "c", "b")])
def test_files_that_include_each_other_without_end(card, tmp_path, names):
    for name, following in pairwise(names):
        (tmp_path / f"{name}.txt").write_text(f"@{following}.txt\n")
    with pytest.raises(UsageError, match="without end"):
        parse_flux(card(f"@{names[0]}.txt"), probe=14)


def test_a_few_files_that_include_each_other_very_often(card, tmp_path):
    for i in range(12):
        (tmp_path / f"{i}.txt").write_text(f"@{i + 1}.txt\n" * 4)
    (tmp_path / "12.txt").write_text("beam_energy = 1000\n")
    with pytest.raises(UsageError, match="into one file"):
        parse_flux(card("@0.txt"), probe=14)


def test_a_later_assignment_replaces_and_an_addition_adds(tmp_path):
    path = tmp_path / "beam.txt"
    path.write_text("beam_energy = 1000\nbeam_energy = 600 1000 1 3\n")
    np.testing.assert_allclose(parse_flux(str(path)).fractions([0.6, 0.8, 1.0]), [0.25, 0.75])
    path.write_text(
        "beam_content = 12 100% 100 200\nbeam_content = 14 50% 0 3000\n"
        "beam_content += -14 50% 0 6000 # to the end\n"
    )
    assert parse_flux(str(path), probe=14).energy_range == (0.0, 3.0)
    assert parse_flux(str(path), probe=14).mean_energy() == pytest.approx(1.5, rel=1e-3)
    assert parse_flux(str(path), probe=-14).mean_energy() == pytest.approx(3.0, rel=1e-3)
    with pytest.raises(UsageError, match="PDG 14, -14"):
        parse_flux(str(path), probe=12)


@pytest.mark.parametrize("line", ["beam_energy = 0 3000", "beam_energy=0. 3e3 // uniform"])
def test_a_uniform_beam_from_zero(tmp_path, line):
    (tmp_path / "beam.txt").write_text(f"{line}\n")
    flux = parse_flux(str(tmp_path / "beam.txt"), (0.2, 3.0), 14)
    np.testing.assert_allclose(flux.fractions([0.2, 1.6, 3.0]), [0.5, 0.5])


@pytest.mark.parametrize(
    "content",
    [
        "14 50 0 3000",
        "14 5e% 0 3000",
        "14 50% 3000 0",
        "14 -5% 0 3000",
        "14 0% 0 3000\nbeam_content = 14 0% 1 2",
    ],
)
def test_contents_that_nuwro_refuses_as_well(tmp_path, content):
    (tmp_path / "beam.txt").write_text(f"beam_content = {content}\nbeam_content += 12 0% 0 9\n")
    with pytest.raises(UsageError, match="Understood are"):
        parse_flux(str(tmp_path / "beam.txt"), probe=14)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("beam_energy = 600 1000 1 nan", "bin 2 of beam_energy is nan"),
        ("beam_energy = 600 1000 -1 2 ", "bin 1 of beam_energy is -1"),
        ("beam_content = 12 5% 1 2 3\nbeam_content += 14 5% 1 2 3 inf", "bin 2 of beam_content"),
    ],
)
def test_bins_that_are_no_flux(tmp_path, text, message):
    (tmp_path / "beam.txt").write_text(text)
    with pytest.raises(UsageError, match=message):
        parse_flux(str(tmp_path / "beam.txt"), probe=14)


def test_windows_line_ends_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "beam.txt"
    path.write_bytes(b"\xef\xbb\xbfbeam_energy = 600 1000 1 3\r\nbeam_particle = 14\r\n")
    np.testing.assert_allclose(parse_flux(str(path)).fractions([0.6, 0.8, 1.0]), [0.25, 0.75])
    path.write_bytes("beam_energy = 600 1000 1 3\n".encode("utf-16"))
    np.testing.assert_allclose(parse_flux(str(path)).fractions([0.6, 0.8, 1.0]), [0.25, 0.75])


def test_a_beam_of_nuwro_is_in_mev(tmp_path):
    (tmp_path / "beam.txt").write_text("beam_energy = 600 1000\n")
    assert parse_flux(f"{tmp_path / 'beam.txt'},MEV").energy_range == (0.6, 1.0)
    with pytest.raises(UsageError, match="leave out GEV"):
        parse_flux(f"{tmp_path / 'beam.txt'},GEV")


def test_histograms_of_a_beam_that_are_no_flux(tmp_path):
    card = "beam_type = 5\nbeam_inputroot = data/flux.root\nbeam_inputroot_flux = {}\n"
    (tmp_path / "beam.txt").write_text(card.format("numu"))
    with pytest.raises(
        UsageError, match=r"from data/flux\.root, which is neither there nor beside"
    ):
        parse_flux(str(tmp_path / "beam.txt"))
    with uproot.recreate(tmp_path / "flux.root") as file:
        file["numu"] = (np.array([1.0, -2.0]), np.array([1.0, 2.0, 4.0]))
    with pytest.raises(UsageError, match=r"flux\.root,numu: bin 2 \(2 to 4\) has a flux of -2"):
        parse_flux(str(tmp_path / "beam.txt"))
    (tmp_path / "beam.txt").write_text(card.format("nue"))
    with pytest.raises(UsageError, match=r"no histogram 'nue'.*Its histograms: numu"):
        parse_flux(str(tmp_path / "beam.txt"))
