"""What the command line says of poor models."""

from nugen_gan.storage.bundled import bundled_models


def test_generate_says_that_a_model_is_poor(run, tiny_folder):
    result = run("generate", tiny_folder, "-n", 100, "-e", 1)
    assert result.code == 0, result.err
    assert result.err.count("note: the model tiny is poor: mean squared pull") == 1
    assert "Warning" not in result.err


def test_models_are_listed_with_their_verdict(run):
    head, *lines = run("models").out.splitlines()
    assert head.split()[-2:] == ["quality", "makes"]
    for line, name in zip(lines, bundled_models(), strict=False):
        assert line.startswith(name)
        assert len({"good", "fair", "poor"} & set(line.split())) == 1


def test_train_says_how_good_the_model_is(run, data):
    result = run(
        "train", data / "numu_Ar40_1k.root", "--no-hadrons", "--steps", 5,
        "--batch-size", 64, "--width", 8,
        "--blocks", 1, "-o", "mine",
    )  # fmt: skip
    assert result.code == 0, result.err
    assert "\nquality         poor: mean squared pull" in result.out
    assert "quality" in run("info", "mine").out
