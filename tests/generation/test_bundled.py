from nugen_gan.generation.bundled import models
from nugen_gan.model.model import load_model
from nugen_gan.storage.bundled import bundled_models


def test_all_bundled_models_with_what_they_are():
    found = models()
    assert [model.name for model in found] == bundled_models()
    for model in found:
        loaded = load_model(model.name)
        assert (model.process, model.energy_range) == (loaded.process, loaded.energy_range)
        assert model.events == loaded.training["events"]
        assert model.generator.startswith(("NuWro", "GENIE"))
        assert model.quality in ("good", "fair", "poor")


def test_printed_it_is_a_table():
    head, *rows = str(models()).splitlines()
    assert head.split("  ")[0] == "name"
    assert len(rows) == len(models())
    place = head.index("process")
    assert all(row[place - 2 : place] == "  " and row[place] != " " for row in rows)
