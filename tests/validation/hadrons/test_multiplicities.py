# ruff: noqa: RUF001 - Greek letters are meant
from __future__ import annotations

import pytest
from wrong_hadrons import more_pions

from nugen_gan.validation.hadrons.final_state import FinalState
from nugen_gan.validation.hadrons.multiplicities import GROUPS, SPECIES, multiplicities, number_of
from nugen_gan.validation.hadrons.samples import HadronSamples

RANGE = (0.2, 20.0)


def by_group(first, second):
    return {found.group: found for found in multiplicities(HadronSamples.of(first, second), RANGE)}


def test_numbers_of_one_event(made):
    at_rest = (0.0, 0.0, 0.1)
    codes = [211, 211, -211, 111, 2212, 2112, 22, 321, 130, 3122, -2112, -3122, 11, -11, -14]
    event = [(code, *at_rest) for code in codes[:-1]] + [(1000060120, *at_rest)]
    found = {name: n[0] for name, n in number_of(FinalState.of(made([event]))).items()}
    assert found == {
        "π+": 2, "π0": 1, "π−": 1, "all π": 4, "p": 1, "n": 1, "γ": 1, "K": 2, "hyperons": 1,
        "antibaryons": 2, "e±": 2, "any other": 0,
    }  # fmt: skip
    assert tuple(found) == SPECIES == tuple(name for group in GROUPS.values() for name in group)


def test_every_particle_but_nuclei_is_counted_once(carbon):
    state = FinalState.of(carbon)
    found = number_of(state)
    total = sum(n.sum() for name, n in found.items() if name != "all π")
    assert total == state.pdg.size - state.is_nucleus.sum()


def test_halves_of_one_sample_agree(halves):
    found = by_group(*halves)
    assert list(found) == ["pions", "nucleons", "others"]
    assert all(group.p_value > 0.01 for group in found.values())
    assert found["pions"].worst.mean.mean > 0.1


def test_5_per_cent_of_pions_too_many_are_counted(halves):
    reference, other = halves
    honest = {s.species: s for s in by_group(reference, other)["pions"].species}
    wrong = {s.species: s for s in by_group(reference, more_pions(other))["pions"].species}
    for name in ("all π", "π+", "π0"):
        added = wrong[name].relative - honest[name].relative
        assert added == pytest.approx(0.05, abs=0.025)


def test_weighted_events_count_by_their_weight(halves):
    reference, other = halves
    pions = number_of(FinalState.of(other))["all π"]
    heavier = other.with_(weight=1.0 + pions)
    assert by_group(reference, heavier)["pions"].p_value < 1e-3
