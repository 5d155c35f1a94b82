import json

import click
import pytest
from transfer_toys import carbon

from nugen_gan.cli.progress import TrainingDisplay
from nugen_gan.cli.scan import _next, depths
from nugen_gan.errors import UsageError
from nugen_gan.transfer.finetune import FinetuneOptions
from nugen_gan.transfer.scanning import scan

OPTIONS = FinetuneOptions(steps=5, batch_size=64, replayed_events=400, refiner_steps=20, seed=2)
QUICK = ("--steps", 5, "--batch-size", 64, "--no-replay", "--refiner-steps", 0)


@pytest.fixture(autouse=True)
def quick(quick_transfer):
    """Every transfer here is a short one."""


def test_every_depth_is_measured_on_the_same_events(tiny_events, tiny_model):
    heard, done = [], []
    found = scan(tiny_events, carbon(tiny_model), [0, 2, 3, 7], OPTIONS, notice=heard.append,
                 finished=done.append)  # fmt: skip
    assert [point.depth for point in found.points] == [0, 2, 3]
    assert tuple(done) == found.points
    assert found.notes == ("left out: 7 layers; the base has 3",)
    assert heard[0] == "note: left out: 7 layers; the base has 3"
    assert [(p.freeze_generator, p.freeze_critic) for p in found.points] == [(0, 0), (2, 2), (3, 2)]
    weights = [sum(point.weights) for point in found.points]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] == 0
    assert found.base.events == 200
    assert found.untouched.pull < found.base.pull
    assert found.as_dict()["untouched_mean_squared_pull"] == found.untouched.pull
    assert {point.error for point in found.points} == {found.base.error}
    assert found.best.pull == min(point.pull for point in found.points)
    assert found.best.depth in found.as_good
    assert f"best depth {found.best.depth}" in found.headline()


def test_same_seed_same_scan(tiny_events, tiny_model):
    base = carbon(tiny_model)
    pulls = [
        [p.pull for p in scan(tiny_events, base, depths, OPTIONS).points]
        for depths in ([1], [0, 1])
    ]
    # The other depths make no difference to one.
    assert pulls[0][0] == pulls[1][1]


@pytest.mark.parametrize("wanted", [[], [-1, 0], [4, 5]])
def test_depths_that_a_base_does_not_have(tiny_events, tiny_model, wanted):
    with pytest.raises(UsageError, match="allows 0 to 3"):
        scan(tiny_events, tiny_model, wanted, OPTIONS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("0:6", range(6)), ("0:6:2", (0, 2, 4)), ("4,0,2,2", (0, 2, 4)), ("3", (3,))],
)
def test_depths_are_written_like_ranges_and_lists(text, wanted):
    assert depths(text) == tuple(wanted)


@pytest.mark.parametrize("text", ["", "a", "3:3", "0:", "-1", "0:4:0", "1,,2"])
def test_what_are_no_depths(text):
    with pytest.raises(click.BadParameter, match="as Python counts"):
        depths(text)


def test_the_next_command():
    words = [
        "x y.root",
        "--freeze",
        "0:6",
        "--freeze=0:2",
        "-o",
        "out",
        "--output=a",
        "--overwrite",
        "--quiet",
        "--seed",
        "1",
    ]
    assert _next(words, 2) == "nugen-gan finetune 'x y.root' --seed 1 --freeze 2"


def test_scan_writes_a_table_and_a_figure(run, data, base, tmp_path):
    file = data / "numu_Ar40_1k.root"
    words = ("scan", file, "--quiet", "--base", base, "--freeze", "2:9", *QUICK, "--seed", 1)
    result = run(*words)
    assert result.code == 0, result.err
    assert result.err == ""
    for words in ("note: left out: 4, 5, 6, 7, 8 layers", "stage           depth 2",
                  "trainable weights  mean squared pull  seconds", "best depth",
                  "the base alone:", "--freeze"):  # fmt: skip
        assert words in result.out
    folder = tmp_path / "numu_Ar40_1k_scan"
    record = json.loads((folder / "scan.json").read_text())
    assert [point["depth"] for point in record["depths"]] == [2, 3]
    assert record["command"].endswith("--seed 1")
    assert record["events"] == 1000
    assert record["measured_on"] == 200
    assert (folder / "scan.png").read_bytes().startswith(b"\x89PNG")
    words = ("scan", file, "--base", base, "--freeze", "2", *QUICK, "-o", folder, "--overwrite")
    assert run(*words).code == 0


def test_ctrl_c_writes_nothing(run, data, base, tmp_path, monkeypatch):
    calls = []

    def interrupted(self, status):
        calls.append(status)
        if len(calls) == 7:
            raise KeyboardInterrupt

    monkeypatch.setattr(TrainingDisplay, "update", interrupted)
    result = run("scan", data / "numu_Ar40_1k.root", "--base", base, "--freeze", "0:2", *QUICK)
    assert result.code == 130
    assert "nothing was written" in result.err
    assert "depth  trainable weights" in result.err  # the one that was done
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("--freeze", "0:2"), 2, "no events were given"),
        (("FILE", "--freeze", "many"), 2, "as Python counts"),
        (("FILE", "--freeze", "7,8"), 2, "allows 0 to 3"),
        (("FILE", "--events", 2000), 2, "the sample has 1,000"),
        (("FILE", "-o", "base/model.json"), 1, "cannot write"),
    ],
)
def test_mistakes(run, data, base, tmp_path, words, code, message):
    words = [data / "numu_Ar40_1k.root" if word == "FILE" else word for word in words]
    result = run("scan", *words, "--base", base)
    assert result.code == code, result.err
    assert message in " ".join(result.err.split())
    assert "Traceback" not in result.err
    assert [path.name for path in tmp_path.iterdir()] == ["base"]


def test_without_matplotlib(run, data, base, monkeypatch):
    from nugen_gan.errors import MissingExtraError

    def missing():
        raise MissingExtraError("matplotlib", "report", "drawing figures")

    monkeypatch.setattr("nugen_gan.validation.report.figures.require_matplotlib", missing)
    result = run("scan", data / "numu_Ar40_1k.root", "--base", base)
    assert result.code == 1
    assert "nugen-gan[report]" in result.err
