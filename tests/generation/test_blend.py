"""Several probes, nuclei and channels as one sample."""

import numpy as np
import pytest

import nugen_gan
from nugen_gan.adapters.shuffled import joined_columns
from nugen_gan.errors import UsageError
from nugen_gan.generation.blend import Blend, Component
from nugen_gan.generation.coverage import coverage
from nugen_gan.generation.selected import selected_events, selected_share
from nugen_gan.physics.flux import Flux
from nugen_gan.physics.process import Channel

FLUX = Flux.uniform(0.5, 3.0)


@pytest.fixture(scope="module")
def models():
    return {name: nugen_gan.load_model(name) for name in ("numu_cc_C12", "numubar_cc_C12")}


@pytest.fixture(scope="module")
def two(models):
    return tuple(
        Component(model.without_hadrons(), coverage(model, FLUX), share=share, atoms=2.0)
        for model, share in zip(models.values(), (0.25, 0.75), strict=True)
    )


def events(blend, size=2 * 8192):
    """All events in their order: energies, and the number of the component."""
    enu, number = np.zeros(blend.events), np.full(blend.events, -1)
    for first, pieces in blend.blocks(size):
        for piece in pieces:
            assert len(piece.table) == len(piece.places) == len(piece.phi)
            enu[first + piece.places] = piece.table.enu
            number[first + piece.places] = piece.number
    return enu, number


def test_there_are_as_many_as_the_rates_demand(two):
    blend = Blend(two, 20_000, 1)
    enu, number = events(blend)
    share = two[1].rate / (two[0].rate + two[1].rate)
    error = np.sqrt(share * (1 - share) / 20_000)
    assert (number == 1).mean() == pytest.approx(share, abs=4 * error)
    assert (number[:2000] == 1).mean() == pytest.approx(share, abs=5 * error * np.sqrt(10))
    assert enu.min() >= 0.5
    for k, component in enumerate(two):
        mean = component.coverage.spectrum().mean()
        assert enu[number == k].mean() == pytest.approx(mean, abs=0.05)


def test_blocks_of_any_size_are_the_same_events(two):
    blend = Blend(two, 5000, 1)
    first, second = events(blend), events(blend, size=777)
    np.testing.assert_array_equal(first[0], second[0])
    np.testing.assert_array_equal(first[1], second[1])


def test_the_cross_section_is_per_nucleon_and_flux(two):
    blend = Blend(two, 10, 1)
    averages = [component.coverage.flux_average() for component in two]
    assert blend.nucleons == 24.0
    assert blend.per_nucleon == pytest.approx((0.25 * averages[0] + 0.75 * averages[1]) / 12)


@pytest.mark.parametrize("number", [0, -1])
def test_no_events(number, two):
    with pytest.raises(UsageError):
        Blend(two, number, 1)
    with pytest.raises(UsageError):
        Blend((), 1, 1)


def test_selected_channels_have_their_share_of_everything(models):
    model = models["numu_cc_C12"]
    cover = coverage(model, FLUX)
    wanted = {Channel.QE, Channel.MEC}
    found = selected_share(model, wanted, cover.spectrum(), cover.sigma, seed=1)
    energies = cover.spectrum().quantile((np.arange(20_000) + 0.5) / 20_000)
    all_of_them = model.without_hadrons().sample(energies, seed=5)
    mine = np.isin(all_of_them.channel, [int(channel) for channel in wanted])
    assert found.share == pytest.approx(mine.mean(), abs=4 * np.sqrt(0.25 / 20_000))
    # The curve falls from nearly all of the cross section to less than a half.
    low, high = (float(found.sigma(e) / cover.sigma(e)) for e in (0.6, 2.9))
    assert low > 0.7
    assert high < 0.5
    made = list(selected_events(model, wanted, cover.spectrum(), 3000, seed=7))
    assert sum(len(table) for table in made) == 3000
    assert all(np.isin(table.channel, [200, 300]).all() for table in made)
    enu = np.concatenate([table.enu for table in made])
    expected = all_of_them.enu[mine]
    error = expected.std() * np.sqrt(1 / 3000 + 1 / len(expected))
    assert enu.mean() == pytest.approx(expected.mean(), abs=4 * error)
    assert all(table.particles is not None for table in made)


def test_channels_that_a_model_does_not_make(models):
    model = models["numu_cc_C12"]
    cover = coverage(model, Flux.mono(0.5))
    with pytest.raises(UsageError, match="HYP"):
        selected_share(model, {Channel.HYP}, cover.spectrum(), cover.sigma, seed=1)


def test_columns_come_into_one_order():
    import awkward as ak

    parts = [
        {"a": np.array([1, 2]), "b": ak.Array([[1.0], [2.0, 2.0]])},
        {"a": np.array([3]), "b": ak.Array([[]])},
    ]
    places = [np.array([0, 2]), np.array([1])]
    joined = joined_columns(parts, places)
    assert joined["a"].tolist() == [1, 3, 2]
    assert joined["b"].to_list() == [[1.0], [], [2.0, 2.0]]
    assert joined_columns(parts[:1], places[:1])["a"] is parts[0]["a"]
