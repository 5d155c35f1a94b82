"""Model folders that somebody changed, and whose digests he renewed: refused at once, in words."""

import copy
import json
import os
import re
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transfer_toys import accepting_all

from nugen_gan.errors import ModelError
from nugen_gan.model.folder import CRITIC, DESCRIPTION, GENERATOR, SUMS, describe, write_sums
from nugen_gan.model.model import load_model

SOON = 20.0  # seconds, on a busy machine


@pytest.fixture
def folder(tiny_model, tmp_path):
    return tiny_model.save(tmp_path / "tiny")


@pytest.fixture(autouse=True)
def at_once(tiny_model):
    """Whatever is refused is refused soon."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SOON


def _put(record, path, value):
    """Set an entry of a nested record, by a path of names and numbers."""
    *outer, last = path
    for name in outer:
        record = record[name]
    record[last] = value


def _changed(folder, path, value):
    record = json.loads((folder / DESCRIPTION).read_text())
    _put(record, path, value)
    (folder / DESCRIPTION).write_text(json.dumps(record))
    write_sums(folder)


RATIO = {"members": 1, "width": 64, "blocks": 2, "free": True, "hyperons": False,
         "continues": False}  # fmt: skip
SIZES = "proposal", "architecture"
STEP = {"lepton_mass": 0.1056583755, "threshold_shift": 0.0, "ratio": None}


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["proposal", "smearing"], -1, "proposal.smearing is -1; allowed: from 0 to 1"),
        (["proposal", "smearing"], float("nan"), "NaN where a number is needed"),
        (["proposal", "smearing"], 1e9, "proposal.smearing is 1000000000.0"),
        (["proposal", "smearing"], True, "proposal.smearing is True"),
        (["proposal", "reach", "down"], -0.1, "proposal.reach.down is -0.1; allowed: from 0 to 1"),
        (["proposal", "reach"], {"down": 0.1}, "proposal.reach needs down, up, spread"),
        (["proposal", "reach"], 0.1, "reach is not an object"),
        (["steps", 0, "softness"], 0, "step 0.softness is 0; allowed: above 0 to 1"),
        (["steps", 0, "power"], "2", "step 0.power is '2'; allowed: above 0 to 100"),
        (["steps", 0, "ratio"], {**RATIO, "largest": 1e9}, "step 0.ratio.largest is 1000000000.0"),
        (["steps", 0, "ratio"], {**RATIO, "largest": -1}, "step 0.ratio.largest is -1; allowed: "),
        (["steps", 0, "ratio"], {**RATIO, "rejected_from": -5, "rejected_to": -1},
         "step 0.ratio.rejected_to must be below step 0.ratio.rejected_from"),
        (["proposal", "lepton_mass"], 105.66, "proposal.lepton_mass is 105.66"),
        (["proposal"], [], "proposal is not an object"),
        (["energy_range"], [20.0, 0.2], "energy_range is 20 to 0.2 GeV: the smaller comes first"),
        (["proposal", "condition_range"], [5.0, 1.0], "condition_range is 5 to 1 GeV"),
        (["energy_range"], [0.0, 1.0], "an energy [GeV] is 0.0; allowed: above 0 to 1,000,000"),
        (["energy_range"], [1.0], "energy_range has 1 entries; needed: 2"),
        (["energy_range"], ["a", "b"], "an energy [GeV] is 'a'"),
        (["units", "cross_section"], "pb", "units.cross_section is 'pb'; allowed: 'cm2 per nuc"),
        (["units", "energy"], "MeV", "units.energy is 'MeV'; allowed: 'GeV'"),
        (["cross_section", "unit"], "pb", "cross_section.unit is 'pb'; allowed: 'cm2 per nuc"),
        (["cross_section", "values", 0], 1e-20, "cross_section is 1e-20; allowed: from 0 to 1e-30"),
        (["cross_section", "values", 0], -1e-38, "cross_section is -1e-38"),
        (["cross_section", "edges_GeV", 0], 30.0, "energies of a cross section must increase"),
        (["cross_section", "values"], [], "values has 0 entries; needed: 3"),
        (["process", "current"], "nc", "process.current is 'nc'; allowed: 'cc'"),
        (["process", "name"], "nue_cc_C12", "process.name is 'nue_cc_C12'; its codes say numu_cc"),
        (["process", "probe"], 13, "probe 13 is not a neutrino"),
        (["process", "target"], 2212, "target 2212 is not a nucleus"),
        ([*SIZES, "width"], 10**9, "architecture.width is 1000000000; allowed: whole"),
        ([*SIZES, "blocks"], 10**9, "architecture.blocks is 1000000000"),
        ([*SIZES, "latent"], 10**9, "architecture.latent is 1000000000"),
        ([*SIZES, "critic_width"], 10**9, "architecture.critic_width is 1000000000"),
        ([*SIZES, "width"], 1024, "the tensor generator."),
        ([*SIZES, "blocks"], 32, "cannot be those of its networks"),
        ([*SIZES, "width"], 16.5, "architecture.width is 16.5; allowed: whole numbers"),
        ([*SIZES, "depth"], 1, "architecture needs width, blocks"),
        (["steps", 0, "ratio"], {**RATIO, "members": 10**9}, "step 0.ratio.members is 1000000000"),
        (["steps", 0, "ratio"], {**RATIO, "members": 64}, "cannot be those of its networks"),
        (["steps", 0, "ratio"], {"members": 1}, "step 0.ratio.width is None"),
        (["steps", 0, "ratio"], {**RATIO, "free": 1}, "step 0.ratio.free is 1; allowed: true, fal"),
        (["steps", 0, "ratio"], {**RATIO, "more": 1}, "step 0.ratio has not the entries of"),
        (["steps", 0, "ratio"], {**RATIO, "continues": True}, "but there are no ratios before it"),
        (["steps", 0, "ratio"], 3, "step 0.ratio is not an object"),
        (["steps", 0, "ratio"], None, "has unknown tensors"),
        (["steps", 0, "threshold_shift"], 5.0, "step 0.threshold_shift is 5.0; allowed: from -0.1"),
        (["steps", 0, "lepton_mass"], 0.000511, "leptons of numu_cc_Ar40 have 0.105658 GeV"),
        (["steps", 0], {"lepton_mass": 0.1}, "step 0 needs lepton_mass, threshold_shift, ratio"),
        (["steps"], [], "steps is empty"),
        (["steps"], [STEP] * 33, "steps has 33 entries; needed: 32 at most"),
        (["steps"], [STEP, {**STEP, "ratio": RATIO}], "lacks tensors"),
        (["replicas"], [RATIO] * 1001, "replicas has 1,001 entries"),
        (["replicas"], [RATIO] * 900, "cannot be those of its networks"),
        (["replicas"], [{**RATIO, "continues": True}], "replica 1.continues is True, but there"),
        (["replicas"], 10**9, "replicas is not a list"),
        (["channels"], {"QE": 600}, "channels: 'QE' with code 600"),
        (["channels"], {"nc": 900}, "channels: 'nc' with code 900"),
        (["channels"], {}, "channels is empty"),
        (["channels"], {"QE": 200}, "the tensor labels."),
        (["name"], "../../etc/passwd", "name is '../../etc/passwd': it must be the name of a"),
        (["name"], "\x1b[2J", "a text with control characters"),
        (["name"], 3, "name is not a text"),
        (["training", "events"], "many", "training.events is 'many'"),
        (["training", "files"], [1], "training.files has an entry that is not an object"),
        (["lineage"], [{"step": 1}], "lineage.step is not a text"),
        (["metrics", "held_out_mean_squared_pull"], -1, "held_out_mean_squared_pull is -1"),
        (["metrics"], [], "metrics is not an object"),
        (["steps"], 10**400, "too large|damaged"),
        (["extra"], 10**30, "a number that is too large"),
    ],
)  # fmt: skip
def test_entries_that_cannot_be(folder, path, value, message):
    _changed(folder, path, value)
    with pytest.raises(ModelError, match=message if "|" in message else re.escape(message)):
        load_model(folder)


@pytest.mark.parametrize("depth", [200, 100_000])
def test_deeply_nested_json(folder, depth):
    record = (folder / DESCRIPTION).read_text().rstrip()
    nest = "[" * depth + "]" * depth
    (folder / DESCRIPTION).write_text(record[:-1] + f', "more": {nest}}}')
    write_sums(folder)
    for reads in (load_model, describe):
        with pytest.raises(ModelError, match="nested more than 100 deep"):
            reads(folder)


@pytest.mark.parametrize("text", ["[]", "3", "", "{", '{"format_version": 6}', "\xff"])
def test_other_json(folder, text):
    (folder / DESCRIPTION).write_bytes(text.encode("latin-1"))
    write_sums(folder)
    for reads in (load_model, describe):
        with pytest.raises(ModelError):
            reads(folder)


@pytest.mark.parametrize(
    ("file", "name", "change", "message"),
    [
        (GENERATOR, "generator.inward.weight", lambda t: t * float("nan"), "no finite numbers"),
        (GENERATOR, "labels.hadronic.outward.bias", lambda t: t + float("inf"), "no finite"),
        (GENERATOR, "labels.temperature", lambda t: 0 * t, "temperature must be positive"),
        (GENERATOR, "scaling.scale", lambda t: -t, "scaling.scale must be positive"),
        (GENERATOR, "scaling.mean", lambda t: t * float("nan"), "scaling.mean has values"),
        (GENERATOR, "step0.ceiling", lambda t: t * float("nan"), "step0.ceiling has values"),
        (GENERATOR, "generator.inward.weight", lambda t: t.float(), "is torch.float32 of shape"),
        (GENERATOR, "generator.inward.weight", lambda t: t[:3].contiguous(), "of shape (3, "),
        (GENERATOR, "more", lambda t: torch.zeros(3), "has unknown tensors: 1, such as 'more'"),
        (CRITIC, "inward.weight", lambda t: t * float("nan"), "inward.weight has values"),
        (CRITIC, "more", lambda t: torch.zeros(3), "has unknown tensors: 1, such as 'more'"),
    ],
)  # fmt: skip
def test_weights_that_cannot_be(folder, file, name, change, message):
    tensors = load_file(folder / file)
    tensors[name] = change(tensors.get(name))
    save_file(tensors, folder / file)
    write_sums(folder)
    with pytest.raises(ModelError, match=re.escape(message)):
        load_model(folder)


def test_a_missing_tensor(folder):
    tensors = load_file(folder / GENERATOR)
    del tensors["labels.temperature"]
    save_file(tensors, folder / GENERATOR)
    write_sums(folder)
    with pytest.raises(ModelError, match=r"lacks tensors: 1, such as 'labels\.temperature'"):
        load_model(folder)


@pytest.mark.parametrize("name", [DESCRIPTION, GENERATOR, SUMS])
@pytest.mark.parametrize("what", ["fifo", "zeros", "endless", "folder", "elsewhere"])
def test_only_regular_files_of_the_folder(folder, tmp_path, name, what):
    path = folder / name
    content = path.read_bytes()
    path.unlink()
    if what == "fifo":
        os.mkfifo(path)
    elif what == "zeros":
        path.symlink_to("/dev/zero")
    elif what == "endless":
        path.symlink_to(name)
    elif what == "folder":
        path.mkdir()
    else:
        (tmp_path / "elsewhere").write_bytes(content)
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ModelError, match=r"no model\.json|not a regular|cannot be read|outside"):
        load_model(folder)


def test_other_special_files_and_links(folder):
    (folder / "notes").symlink_to("/dev/zero")
    digest = "0" * 64
    with open(folder / SUMS, "a") as stream:
        stream.write(f"{digest}  notes\n")
    with pytest.raises(ModelError, match="notes is not a regular file"):
        load_model(folder)


@pytest.mark.parametrize(("name", "size"), [(GENERATOR, 5 * 2**30), (DESCRIPTION, 2**24)])
def test_files_of_many_gigabytes_are_not_read(folder, name, size):
    os.truncate(folder / name, size)
    with pytest.raises(ModelError, match="bytes; a model's has"):
        load_model(folder)


def test_a_linked_model_folder_and_links_within_it(folder, tmp_path):
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    (folder / GENERATOR).rename(folder / "weights")
    (folder / GENERATOR).symlink_to("weights")
    assert load_model(tmp_path / "link").name == "tiny"


def _accepting(model, ceiling):
    """The model with a ratio of one, and this ceiling."""
    from nugen_gan.density_ratio.network import DensityRatio, RatioShape

    ratio = DensityRatio(RatioShape(width=4, blocks=0, free=False))
    ratio.ceiling.copy_(ceiling)
    step = replace(model.steps[-1], ratio=ratio.eval().requires_grad_(False))
    return model.with_(steps=(step,))


def _with_generator(model, generator):
    return model.with_(proposal=model.proposal.with_(generator=generator))


@pytest.mark.parametrize("n", [1, 3, 8192, 20_000])
def test_a_model_that_accepts_nothing_is_an_error(tiny_model, n):
    never = _accepting(tiny_model, torch.full((25,), 6e4))
    with pytest.raises(ModelError, match="rejects its own events again and again"):
        never.sample(np.full(n, 1.0), seed=1)


def test_energies_at_which_it_accepts_nothing(tiny_model):
    ceiling = torch.zeros(25)
    ceiling[20:] = 6e4
    part = _accepting(tiny_model, ceiling)
    assert len(part.sample(np.full(1000, 1.0), seed=1)) == 1000
    enu = np.geomspace(0.2, 20.0, 3000)
    with pytest.raises(ModelError, match=r"of 3,000 events \d+ of"):
        part.sample(enu, seed=1)


def test_events_that_are_no_numbers_are_an_error(tiny_model):
    broken = copy.deepcopy(tiny_model.proposal.generator)
    broken.outward.bias.fill_(float("nan"))
    with pytest.raises(ModelError, match="events that are no numbers"):
        accepting_all(_with_generator(tiny_model, broken)).sample(np.full(10, 1.0), seed=1)
    with pytest.raises(ModelError, match="rejects its own events"):
        _accepting(_with_generator(tiny_model, broken), torch.zeros(25)).sample(1.0, seed=1)
    wrong = copy.deepcopy(tiny_model.labels)
    wrong.temperature.fill_(float("nan"))
    with pytest.raises(ModelError, match="events that are no numbers"):
        tiny_model.with_(labels=wrong).sample(np.full(10, 1.0), seed=1)
