"""The library function behind ``nugen-gan generate``: what it takes, and what it gives."""

import numpy as np
import pytest
from recorder import Recorder

import nugen_gan
from nugen_gan.errors import EnergyRangeError, UsageError
from nugen_gan.generation.generate import generate


def enu(done):
    return nugen_gan.read(done.files[0].path).enu


def test_one_energy_and_a_range(tiny_model, tmp_path):
    heard = Recorder()
    done = generate(tiny_model, 500, tmp_path / "a.table.root", energy=1.5, seed=1, monitor=heard)
    assert (enu(done) == 1.5).all()
    assert (done.events, done.seed, done.energies) == (500, 1, "all at 1.5 GeV")
    assert done.flux_average == pytest.approx(tiny_model.cross_section(np.array([1.5]))[0])
    assert done.per_nucleon == pytest.approx(done.flux_average / 40)
    assert heard.stages == [("generating", 500, "events")]
    assert heard.advances[0][-1] == 500
    done = generate(tiny_model, 500, tmp_path / "b.table.root", energy=(1.0, 2.0), seed=1)
    assert 1.0 <= enu(done).min() < 1.1 < 1.9 < enu(done).max() <= 2.0


def test_a_flux_and_its_words_give_the_same_events(tiny_model, tmp_path):
    kinds = {"a": "powerlaw:1", "b": nugen_gan.Flux.power_law(1.0, 0.5, 4.0)}
    first, second = (
        generate(tiny_model, 300, tmp_path / f"{name}.table.root", flux=flux, energy=pair, seed=1)
        for (name, flux), pair in zip(kinds.items(), ((0.5, 4.0), None), strict=True)
    )
    assert np.array_equal(enu(first), enu(second))
    assert first.flux_average == second.flux_average
    cut = generate(
        tiny_model, 300, tmp_path / "c.table.root", flux=kinds["b"], energy=(1.0, 2.0), seed=1
    )
    assert 1.0 <= enu(cut).min() < enu(cut).max() <= 2.0
    assert cut.energies == "powerlaw flux times sigma(E) in 1-2 GeV"


def test_like_takes_a_file_a_table_or_an_array(tiny_model, tiny_events, data, tmp_path):
    given = tiny_events[:20].stored()
    file = nugen_gan.write(given, tmp_path / "given.table.root")
    for number, like in enumerate((file, str(file), given, given.enu, given.enu.tolist())):
        done = generate(tiny_model, output=tmp_path / f"{number}.table.root", like=like, seed=1)
        assert done.events == 20
        assert np.allclose(enu(done), given.enu, rtol=1e-6)
        assert done.reuse == ""
    done = generate(tiny_model, 30, tmp_path / "more.table.root", like=[1.0, 2.0, 3.0], seed=1)
    assert "each is taken 10 times" in done.reuse


@pytest.mark.parametrize("output", [None, "x.table.root"])
def test_the_name_of_a_model_and_of_the_file(monkeypatch, tmp_path, tiny_model, output):
    monkeypatch.chdir(tmp_path)
    tiny_model.save("tiny")
    done = generate("tiny", 10, output, energy=1.0)
    assert done.files[0].path.name == (output or "tiny.events.root")
    assert (done.files[0].model, done.files[0].replica) == ("tiny", 0)
    assert done.files[0].process == tiny_model.process


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "which neutrino energies"),
        ({"energy": 1.0, "like": [1.0]}, "leave out"),
        ({"energy": 1.0, "flux": "uniform"}, "needs a range"),
        ({"energy": (1.0, 2.0, 3.0)}, "one number or a pair"),
        ({"energy": "much"}, "one number or a pair"),
        ({"energy": -1.0}, "positive"),
        ({"energy": (2.0, 1.0)}, "smaller one first"),
        ({"flux": 5.0}, "neither a flux"),
        ({"energy": 1500.0}, "If you meant MeV"),
        ({"like": []}, "no events to take energies from"),
        ({"like": [1.0, np.nan]}, "finite numbers"),
        ({"energy": 1.0, "replica": 1}, "no replicas"),
        ({"energy": 1.0, "probe": "numubar"}, "--probe asks for numubar"),
    ],
)
def test_what_does_not_go_together(tiny_model, tmp_path, asked, message):
    with pytest.raises(UsageError, match=message):
        generate(tiny_model, 10, tmp_path / "a.table.root", **asked)
    assert not list(tmp_path.iterdir())


def test_energies_out_of_range_and_no_events(tiny_model, tmp_path):
    with pytest.raises(EnergyRangeError):
        generate(tiny_model, 10, tmp_path / "a.table.root", energy=100.0)
    with pytest.raises(UsageError, match="1 or more"):
        generate(tiny_model, 0, tmp_path / "a.table.root", energy=1.0)
