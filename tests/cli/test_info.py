from nugen_gan.storage.bundled import bundled_models, bundled_samples


def test_an_event_file(run, data):
    result = run("info", data / "nuwro_numu_C12_1GeV.root")
    assert result.code == 0, result.err
    assert "numu_cc_C12: 2,000 charged-current events" in result.out
    assert "QE 978" in result.out
    assert "9.09602063e-39" in result.out
    assert "generator: NuWro" in result.out


def test_a_model(run, tiny_folder):
    result = run("info", tiny_folder)
    assert result.code == 0, result.err
    assert "numu_cc_Ar40" in result.out
    assert "0.2 to 20 GeV" in result.out
    assert "cm2 per nucleus" in result.out


def test_neither(run, tmp_path):
    assert run("info", "nothing").code == 2
    (tmp_path / "folder").mkdir()
    result = run("info", "folder")
    assert result.code == 1
    assert "not a model folder" in result.err


def test_formats_lists_what_can_be_done(run):
    lines = {line.split()[0]: line for line in run("formats").out.splitlines()}
    assert "read  write" in lines["table"]
    assert "read" in lines["nuwro"]
    assert "write" in lines["nuisance"]


def test_models_lists_what_is_bundled(run):
    result = run("models")
    assert result.code == 0
    listed = [line.split()[0] for line in result.out.splitlines()]
    assert listed == ["name", *bundled_models(), *bundled_samples()]
    assert "numu_cc_C12" in listed
    assert "numu_cc_C12_sample" in listed


def test_a_tampered_model_is_not_described(run, tiny_folder, tmp_path):
    import json
    import shutil

    from nugen_gan.model.folder import write_sums

    folder = tmp_path / "tampered"
    shutil.copytree(tiny_folder, folder)
    record = json.loads((folder / "model.json").read_text())
    record["features"]["w2_scale"] = 0.0
    (folder / "model.json").write_text(json.dumps(record))
    write_sums(folder)
    result = run("info", folder)
    assert result.code == 1
    assert "w2_scale" in result.err
