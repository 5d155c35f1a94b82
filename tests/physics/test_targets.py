import json

import numpy as np
import pytest
import uproot

import nugen_gan
from nugen_gan.adapters.registry import adapters
from nugen_gan.errors import UsageError
from nugen_gan.generation.energies import follow_flux, single, uniform
from nugen_gan.generation.mixture import generate_mixture, seed_of, shares_of
from nugen_gan.generation.models import models_for
from nugen_gan.physics.flux import UniformFlux
from nugen_gan.physics.process import Process, nucleus_pdg
from nugen_gan.physics.targets import TargetMixture, parse_mixture

H, C, O, AR = (nucleus_pdg(z, a) for z, a in ((1, 1), (6, 12), (8, 16), (18, 40)))  # noqa: E741
WRITERS = sorted(name for name, adapter in adapters().items() if adapter.writes and adapter.reads)


@pytest.mark.parametrize(
    ("text", "atoms"),
    [
        ("C12", {C: 1}),
        ("Ar", {AR: 1}),
        ("1000180400", {AR: 1}),
        ("H2", {nucleus_pdg(1, 2): 1}),
        ("CH", {C: 1, H: 1}),
        ("CH2", {C: 1, H: 2}),
        ("H2O", {O: 1, H: 2}),
        ("C3H8", {C: 3, H: 8}),
        ("CH3CH3", {C: 2, H: 6}),
    ],
)
def test_names_of_molecules(text, atoms):
    mixture = parse_mixture(text)
    assert dict(mixture.atoms) == atoms
    assert not mixture.by_mass


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("C12[0.923076],H1[0.076924]", {C: 1, H: 1}),
        ("1000080160[.888888], 1000010010[.111112]", {O: 1, H: 2}),
        ("CH[1]", {C: 1, H: 1}),
        ("H2O[0.5],C12[0.5]", {H: 2 / 18, O: 1 / 18, C: 1 / 12}),
        ("C12[1],Ar40[1],C12[1]", {C: 2 / 12, AR: 1 / 40}),
    ],
)
def test_weights_are_fractions_of_mass(text, counts):
    mixture = parse_mixture(text)
    total = sum(counts.values())
    assert mixture.by_mass
    assert sum(count for _, count in mixture.atoms) == pytest.approx(1.0)
    for target, count in mixture.atoms:
        assert count == pytest.approx(counts[target] / total, rel=2e-5)


def test_both_spellings_of_one_target_agree():
    formula, weights = parse_mixture("CH"), parse_mixture("C12[12],H1[1]")
    assert weights.mass_fractions == pytest.approx(formula.mass_fractions)
    assert formula.mass_fractions == pytest.approx({C: 12 / 13, H: 1 / 13})
    assert (formula.nucleons, weights.nucleons) == (13, pytest.approx(6.5))
    assert str(formula) == "1 C12, 1 H1"
    assert str(weights) == "0.9231 of mass C12, 0.07692 of mass H1"


@pytest.mark.parametrize(
    "text", ["", "Xx", "C12,H1", "C12[0.5],H1", "C12[]", "C12[-1]", "C12[nan]", "C12[0.5]]", "C0H1",
             "CXe0", "CU3Tc", "[1]"],
)  # fmt: skip
def test_targets_that_are_none(text):
    with pytest.raises(UsageError, match="target"):
        parse_mixture(text)


def _model(tiny_model, name, factor):
    """The tiny model, taken for one of another nucleus."""
    sigma = tiny_model.cross_section.scaled(factor)
    process = Process.from_name(f"numu_cc_{name}")
    return tiny_model.with_(process=process, cross_section=sigma, name=f"tiny_{name}")


@pytest.fixture(scope="session")
def models(tiny_model):
    given = [_model(tiny_model, name, factor) for name, factor in (("C12", 0.3), ("O16", 0.42))]
    return {model.process.target: model for model in given}


def _plans(models, flux=None):
    used = flux or UniformFlux(0.5, 5.0)
    return {t: follow_flux(used, model.cross_section, "flat") for t, model in models.items()}


def _generate(models, path, events=3000, mixture="CO2", **options):
    return generate_mixture(
        models, parse_mixture(mixture), path, events, _plans(models), seed=4, **options
    )


def test_events_are_in_proportion_to_number_and_cross_section(models, tmp_path):
    result = _generate(models, tmp_path / "x.table.root", 30_000)
    counts = {target: part.events for target, part in result.parts.items()}
    assert sum(counts.values()) == 30_000
    assert counts[O] / counts[C] == pytest.approx(2 * 0.42 / 0.3, rel=1e-3)
    averages = {target: part.flux_average for target, part in result.parts.items()}
    assert result.flux_average == pytest.approx(averages[C] + 2 * averages[O])
    assert result.per_nucleon == pytest.approx(result.flux_average / 44)
    for target, part in result.parts.items():
        events = nugen_gan.read(part.path)
        assert events.process.target == target
        assert len(events) == part.events
        assert np.mean(1.0 / models[target].cross_section(events.enu)) == pytest.approx(
            1.0 / averages[target], rel=0.03
        )


def test_fractions_of_mass_count_nuclei(models, tmp_path):
    result = _generate(models, tmp_path / "x.table.root", 30_000, "C12[0.5],O16[0.5]")
    counts = {target: part.events for target, part in result.parts.items()}
    assert counts[O] / counts[C] == pytest.approx((0.42 / 16) / (0.3 / 12), rel=1e-3)
    weighted = sum(0.5 * part.flux_average / a
                   for part, a in ((result.parts[C], 12), (result.parts[O], 16)))  # fmt: skip
    assert result.per_nucleon == pytest.approx(weighted)


def test_every_file_states_the_common_normalisation(models, tmp_path):
    result = _generate(models, tmp_path / "x.table.root")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "x.numu_cc_C12.table.root", "x.numu_cc_O16.table.root",
    ]  # fmt: skip
    for part in result.parts.values():
        with uproot.open(part.path) as file:
            record = json.loads(str(file["metadata"]))
        assert record["flux_average_cm2_per_nucleus"] == pytest.approx(part.flux_average)
        mixture = record["provenance"]["parameters"]["mixture"]
        assert mixture["atoms"] == {"C12": 1.0, "O16": 2.0}
        assert (mixture["events"], mixture["seed"]) == (3000, 4)
        assert mixture["flux_average_cm2_per_molecule"] == pytest.approx(result.flux_average)
        assert mixture["flux_average_cm2_per_nucleon"] == pytest.approx(result.per_nucleon)


@pytest.mark.parametrize("dialect", WRITERS)
def test_every_dialect_takes_mixtures_and_does_not_mind_chunks(models, tmp_path, dialect):
    suffix = adapters()[dialect].suffixes[0]
    for chunk in (1000, 100_000):
        (tmp_path / str(chunk)).mkdir()
        _generate(models, tmp_path / str(chunk) / f"x{suffix}", 12_000, chunk=chunk,
                  output_format=dialect)  # fmt: skip
    files = sorted(path.name for path in (tmp_path / "1000").iterdir())
    assert files == [f"x.numu_cc_{name}{suffix}" for name in ("C12", "O16")]
    for name in files:
        first, second = (tmp_path / str(chunk) / name for chunk in (1000, 100_000))
        assert first.read_bytes() == second.read_bytes()


def test_nuisance_scale_factors_add_up_to_the_mixture(models, tmp_path):
    result = _generate(models, tmp_path / "x.flat.root")
    per_molecule = 0.0
    for count, a, target in ((1, 12, C), (2, 16, O)):
        with uproot.open(result.parts[target].path) as file:
            scale = file["FlatTree_VARS"]["fScaleFactor"].array(library="np").sum()
        per_molecule += count * a * scale
    assert per_molecule == pytest.approx(result.flux_average, rel=1e-9)


def test_nuclei_do_not_share_random_numbers():
    assert len({seed_of(seed, target) for seed in (0, 1) for target in (H, C)}) == 4
    assert all(0 <= seed_of(seed, C) < 2**63 for seed in range(100))


def test_shares_add_up():
    thirds = TargetMixture("x", ((O, 1.0), (C, 1.0), (H, 1.0)))
    assert sorted(shares_of(thirds, {O: 1.0, C: 1.0, H: 1.0}, 10).values()) == [3, 3, 4]
    with pytest.raises(UsageError, match="none would be on H1"):
        shares_of(thirds, {O: 1.0, C: 1.0, H: 1e-3}, 10)


def test_a_failure_leaves_no_file_of_any_nucleus(models, tmp_path):
    def stop(done):
        if done > 2500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _generate(models, tmp_path / "x.table.root", chunk=500, progress=stop)
    assert not list(tmp_path.iterdir())


def test_a_mixture_needs_a_flux_and_cross_sections(models, tmp_path):
    mixture, path = parse_mixture("CO2"), tmp_path / "x.table.root"
    with pytest.raises(UsageError, match="--flux uniform"):
        generate_mixture(models, mixture, path, 10, dict.fromkeys(models, uniform(1.0, 2.0)))
    unknown = {**models, O: models[O].with_(cross_section=None)}
    with pytest.raises(UsageError, match="model tiny_O16 does not tell"):
        generate_mixture(unknown, mixture, path, 10, dict.fromkeys(models, single(1.0)))


def test_a_nucleus_without_a_model(models):
    carbon, oxygen = models[C], models[O]
    with pytest.raises(UsageError, match=r"numu_cc_Fe56, and there is none.*tiny_C12 \(numu_cc"):
        models_for(parse_mixture("C12[0.5],Fe[0.5]"), [carbon])
    with pytest.raises(UsageError, match=r"free proton.*--target 'C12\[0\.9231\]'"):
        models_for(parse_mixture("CH"), [carbon])
    with pytest.raises(UsageError, match="has no O16: leave it out"):
        models_for(parse_mixture("CH"), [carbon, oxygen])
    with pytest.raises(UsageError, match="two models of numu_cc_C12"):
        models_for(parse_mixture("CO2"), [carbon, carbon, oxygen])
    with pytest.raises(UsageError, match="which neutrino"):
        models_for(parse_mixture("CO2"), [])
    with pytest.raises(UsageError, match="--probe asks for numubar"):
        models_for(parse_mixture("CO2"), [carbon, oxygen], -14)


def test_bundled_models_fill_in(models, tmp_path, monkeypatch):
    monkeypatch.setattr("nugen_gan.storage.bundled.MODELS", tmp_path)
    models[O].save(tmp_path / "some_oxygen")
    found = models_for(parse_mixture("CO2"), [models[C]])
    assert [model.process.target_name for model in found.values()] == ["O16", "C12"]
    models[O].save(tmp_path / "more_oxygen")
    with pytest.raises(UsageError, match="several bundled"):
        models_for(parse_mixture("CO2"), [models[C]])
