"""`nugen-gan distil`."""

import nugen_gan


def test_a_model_becomes_fast(run, tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_model.save("mine")
    result = run("distil", "mine", "-n", "4096", "--steps", "5", "--seed", "3")
    assert result.code == 0, result.err
    assert "learning from   4,096 of its events, 5 steps" in result.out
    assert "written         mine_fast" in result.out
    assert nugen_gan.load_model("mine_fast").lepton is not None
    assert nugen_gan.load_model("mine").lepton is None
    refused = run("distil", "mine", "-n", "4096", "--steps", "5")
    assert refused.code == 1
    assert "mine_fast" in refused.err


def test_it_can_begin_with_another_model(run, tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_model.save("mine")
    quick = ("-n", "4096", "--steps", "5", "--seed", "3")
    refused = run("distil", "mine", *quick, "--start", "mine")
    assert refused.code == 2
    assert "has no fast sampler to begin with" in refused.err
    assert run("distil", "mine", *quick).code == 0
    assert run("distil", "mine", *quick, "--start", "mine_fast", "-o", "again").code == 0


def test_generate_can_ask_the_networks_themselves(run, tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tiny_model.save("mine")
    assert run("distil", "mine", "-n", "4096", "--steps", "5", "-o", "fast").code == 0
    words = ("-n", "200", "--energy", "1,5", "--seed", "1")
    for name, model, more in (("a", "fast", ()), ("b", "fast", ("--no-fast",)), ("c", "mine", ())):
        result = run("generate", model, *words, *more, "-o", f"{name}.root")
        assert result.code == 0, result.err
    one, two, three = (nugen_gan.read(f"{name}.root") for name in "abc")
    assert (two.elep == three.elep).all()
    assert (one.elep != two.elep).any()
