"""Outputs of the verbs: what exists, what is no file, who stops, what is too large."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from whole_events import nuwro_events

import nugen_gan
from nugen_gan.generation import estimate as estimating
from nugen_gan.generation.estimate import Estimate

EXISTS = "exists: give --overwrite to replace it, or choose another name"


@pytest.fixture
def nuwro(data):
    return data / "nuwro_numu_C12_1GeV.root"


def command(*words):
    return [sys.executable, "-m", "nugen_gan", *map(str, words)]


def tail(result):
    return " ".join(result.err.split())


def test_no_verb_replaces_without_being_told(run, tiny_folder, nuwro, tmp_path):
    verbs = {
        "g.root": ("generate", tiny_folder, "-n", 10, "-e", 1),
        "c.root": ("convert", nuwro),
        "x.txt": ("xsec", tiny_folder),
    }
    for name, words in verbs.items():
        assert run(*words, "-o", name).code == 0
        before = (tmp_path / name).read_bytes()
        again = run(*words, "-o", name)
        assert again.code == 1
        assert f"{name} {EXISTS}" in tail(again)
        assert (tmp_path / name).read_bytes() == before
        assert run(*words, "-o", name, "--overwrite").code == 0


def test_default_names_are_not_replaced_either(run, tiny_folder, nuwro):
    for words in (("generate", tiny_folder, "-n", 10, "-e", 1), ("convert", nuwro)):
        assert run(*words).code == 0
        again = run(*words)
        assert again.code == 1
        assert EXISTS in tail(again)


def test_a_report_is_not_replaced(run, tiny_folder, data, tmp_path):
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "report.html").write_text("old")
    result = run("validate", tiny_folder, data / "numu_Ar40_1k.root", "-o", "report")
    assert result.code == 1
    assert f"report {EXISTS}" in tail(result)
    assert (tmp_path / "report" / "report.html").read_text() == "old"


def test_a_report_does_not_go_into_a_model(run, tiny_folder, data):
    result = run("validate", tiny_folder, data / "numu_Ar40_1k.root", "-o", tiny_folder)
    assert result.code == 1
    assert "is a model folder" in tail(result)


@pytest.mark.parametrize(
    ("place", "code", "message"),
    [
        ("none/a.root", 1, "there is no folder"),
        ("a.docx", 2, "no format has the suffix of a.docx"),
        ("a.root/", 2, "names a folder"),
        ("folder.root", 1, "a folder of that name exists"),
        ("file/a.root", 1, "Part of that path is a file"),
        ("pipe.root", 2, "cannot be streamed to pipe.root"),
        ("-", 2, "cannot be streamed to -"),
    ],
)
def test_bad_places_are_refused_before_any_work(run, tmp_path, place, code, message):
    (tmp_path / "folder.root").mkdir()
    (tmp_path / "file").write_text("")
    os.mkfifo(tmp_path / "pipe.root")
    words = ("--output-format", "table") if place == "-" else ()
    # Not even the model is looked for.
    result = run("generate", "no_such_model", "-n", 10, "-e", 1, "-o", place, *words)
    assert result.code == code
    assert message in tail(result)
    assert (tmp_path / "pipe.root").is_fifo()


def test_an_input_is_no_output(run, tiny_folder, nuwro, data, tmp_path):
    table = tmp_path / "a.root"
    table.write_bytes((data / "numu_Ar40_1k.root").read_bytes())
    text = tmp_path / "flux.txt"
    text.write_text("0.5 1 1\n1 2 1\n")
    for words in (
        ("generate", tiny_folder, "--like", table, "-o", table),
        ("generate", tiny_folder, "--flux", text, "-o", text, "--format", "table"),
        ("convert", table, "-o", table),
        ("convert", nuwro, "--cross-section", text, "-o", text, "--output-format", "table"),
        ("xsec", table, "--cross-section", text, "-o", text),
    ):
        before = table.read_bytes(), text.read_bytes()
        result = run(*words, "--overwrite")
        assert result.code == 2
        assert "is the input itself" in tail(result)
        assert (table.read_bytes(), text.read_bytes()) == before


@pytest.mark.parametrize("verb", ["train", "finetune"])
def test_an_input_inside_the_model_that_is_replaced(run, tiny_folder, data, verb):
    inside = tiny_folder / "events.root"
    inside.write_bytes((data / "numu_Ar40_1k.root").read_bytes())
    words = ("--base", tiny_folder) if verb == "finetune" else ()
    result = run(verb, inside, "-o", tiny_folder, "--overwrite", *words)
    assert result.code == 2
    assert "which --overwrite would remove" in tail(result)
    assert inside.is_file()


@pytest.mark.parametrize("name", ["with space.root", "with\nnewline.root", "µ.root"])
def test_strange_names(run, nuwro, tmp_path, name):
    result = run("convert", nuwro, "-o", name)
    assert result.code == 0, result.err
    assert len(nugen_gan.read(tmp_path / name)) == 2000


def test_a_name_that_is_no_text(nuwro, tmp_path):
    line = [os.fsencode(word) for word in command("convert", nuwro, "-o")]
    done = subprocess.run([*line, b"\xff.root"], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"written: \xff.root" in done.stdout
    assert [os.fsencode(path.name) for path in tmp_path.iterdir()] == [b"\xff.root"]


def test_events_go_to_standard_output_and_messages_do_not(nuwro, tmp_path):
    for place in ("-", "/dev/stdout"):
        done = subprocess.run(
            command("convert", nuwro, "-o", place, "--quiet"), capture_output=True, check=True
        )
        (tmp_path / "a.hepmc3").write_bytes(done.stdout)
        assert len(nugen_gan.read(tmp_path / "a.hepmc3")) == 2000
        assert b"written: " in done.stderr
        assert list(tmp_path.iterdir()) == [tmp_path / "a.hepmc3"]
        (tmp_path / "a.hepmc3").unlink()


@pytest.mark.parametrize("dialect", ["nuhepmc", "hepevt"])
def test_whole_events_go_to_standard_output(data, tmp_path, dialect):
    """The bytes are those of a file."""
    table = nugen_gan.write(nuwro_events(data / "numu_Ar40_1k.root"), tmp_path / "a.root")
    words = ("convert", table, "--output-format", dialect, "--quiet", "-o")
    done = subprocess.run(command(*words, "-"), capture_output=True, check=True)
    subprocess.run(command(*words, tmp_path / "b.txt"), check=True, capture_output=True)
    assert (tmp_path / "b.txt").read_bytes() == done.stdout
    assert len(nugen_gan.read(tmp_path / "b.txt").particles) == 1000


def test_standard_output_of_generate(run, tiny_folder):
    result = run("generate", tiny_folder, "-n", "1k", "-e", 1, "-o", "-", "--seed", 1)
    assert result.code == 0
    assert result.out.startswith("HepMC::Version")
    assert result.out.count("\nE ") == 1000
    assert "events         1,000 in" in result.err


def test_the_cross_section_to_a_pipe(run, tiny_folder):
    named = run("xsec", tiny_folder, "-o", "-")
    assert named.code == 0
    assert named.out == run("xsec", tiny_folder).out


@pytest.mark.parametrize("place", ["/dev/null", "pipe"])
def test_what_is_no_file_stays_what_it_is(run, nuwro, tmp_path, place):
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "got").open("wb") as got:
        reader = subprocess.Popen(["cat", tmp_path / "pipe"], stdout=got)
    result = run("convert", nuwro, "-o", place)
    assert result.code == 0, result.err
    assert (tmp_path / "pipe").is_fifo()
    assert Path("/dev/null").is_char_device()
    if place == "pipe":
        assert reader.wait(30) == 0
        (tmp_path / "got").rename(tmp_path / "got.hepmc3")
        assert len(nugen_gan.read(tmp_path / "got.hepmc3")) == 2000
    else:
        reader.kill()
        reader.wait()


@pytest.mark.parametrize("words", [("formats",), ("--help",), ("convert", "FILE", "-o", "-")])
def test_a_reader_that_goes_is_no_error(nuwro, words):
    words = [nuwro if word == "FILE" else word for word in words]
    with subprocess.Popen(
        command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        error = process.stderr.read()
        assert process.wait() == 141
    assert "Traceback" not in error
    assert "error" not in error.lower()


def test_closed_standard_streams(nuwro, tmp_path):
    line = " ".join(command("convert", nuwro, "-o", "a.root"))
    done = subprocess.run(["/bin/sh", "-c", f"exec {line} <&- >&- 2>&-"], cwd=tmp_path, check=False)
    assert done.returncode == 0
    assert len(nugen_gan.read(tmp_path / "a.root")) == 2000


def test_a_full_standard_output():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command("formats"), stdout=full, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert b"No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(("name", "code"), [("SIGTERM", 143), ("SIGHUP", 129)])
def test_a_batch_system_stops_it(tiny_folder, tmp_path, name, code):
    words = ("generate", tiny_folder, "-n", "400k", "-e", 1, "-o", "a.hepmc3", "--chunk", "8192")
    # Whoever runs the tests may ignore it, as nohup does, and a child inherits that.
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    process = subprocess.Popen(
        command(*words), cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGHUP, before)
    with process:
        for _ in range(600):
            if any(path.stat().st_size for path in tmp_path.glob(".partial*")):
                break
            time.sleep(0.1)
        process.send_signal(getattr(signal, name))
        _, error = process.communicate(timeout=60)
    assert process.returncode == code
    assert f"nugen-gan: stopped by {name}: nothing was written" in error
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["tiny"]


def test_a_stopped_training_says_how_to_go_on(run, data, tmp_path, monkeypatch):
    from nugen_gan import stopping
    from nugen_gan.cli.progress import TerminalMonitor

    monkeypatch.setattr(stopping, "_last", float("-inf"))
    advanced = TerminalMonitor.advanced

    def stopped(self, done, **figures):
        advanced(self, done, **figures)
        if figures.get("step") == 7:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(TerminalMonitor, "advanced", stopped)
    result = run("train", data / "numu_Ar40_1k.root", "-o", "mine", "--steps", "20", "--width",
                 "8", "--blocks", "1", "--batch-size", "64", "--quiet")  # fmt: skip
    assert result.code == 143
    assert "stopped by SIGTERM: stopped at step 7; the same command with --resume" in tail(result)
    assert (tmp_path / "mine.run" / "snapshot.safetensors").is_file()


def test_all_files_of_a_conversion_appear_or_none(run, data, tmp_path, monkeypatch):
    from nugen_gan.conversion import convert as conversion

    calls = []

    def fails(sample, process, path, write, told):
        calls.append(process)
        write(sample.tables(process), lambda: sample.header(process))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(conversion, "_write", fails)
    assert run("convert", data / "numu_Ar40_1k.root").code == 1
    assert calls
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("where", ["before", "after"])
def test_quiet(run, tiny_folder, where):
    words = ["generate", tiny_folder, "-n", 10, "-e", 1]
    loud = run(*words)
    assert "generating: 0.0 %, 0 of 10 events" in loud.err
    words.insert(0 if where == "before" else 1, "--quiet")
    quiet = run(*words, "--overwrite")
    assert quiet.code == 0
    assert "generating" not in quiet.err


class TestEstimates:
    @pytest.fixture(autouse=True)
    def many(self, monkeypatch):
        monkeypatch.setattr(estimating, "MANY", 10)

    @pytest.fixture
    def takes(self, monkeypatch):
        """Make every part of a generation take so many seconds and bytes."""

        def takes(seconds, size):
            monkeypatch.setattr(
                estimating, "_measured", lambda part, *_: (part.events, seconds, size)
            )

        return takes

    def test_a_short_one_is_told(self, run, tiny_folder):
        result = run("generate", tiny_folder, "-n", 20, "-e", 1)
        assert result.code == 0
        assert "20 events will take about 0 s and 1 MB" in result.err

    @pytest.mark.parametrize(("seconds", "size"), [(4000.0, 1e6), (10.0, 11e9)])
    def test_a_long_or_large_one_needs_yes(self, run, tiny_folder, takes, seconds, size, tmp_path):
        takes(seconds, size)
        words = ("generate", tiny_folder, "-n", 20, "-e", 1)
        refused = run(*words)
        assert refused.code == 2
        assert "give --yes to go on, or ask for fewer" in tail(refused)
        assert [path.name for path in tmp_path.iterdir()] == ["tiny"]
        assert run(*words, "--yes").code == 0

    def test_a_pipe_may_be_given_any_amount(self, run, tiny_folder, takes):
        takes(10.0, 11e9)
        assert run("generate", tiny_folder, "-n", 20, "-e", 1, "-o", "/dev/null").code == 0

    @pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130)])
    def test_a_question_on_a_terminal(self, run, tiny_folder, takes, monkeypatch, answer, code):
        takes(4000.0, 1e6)
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr("sys.stderr.isatty", lambda: True)
        monkeypatch.setattr("click.termui.visible_prompt_func", lambda _: answer)
        result = run("generate", tiny_folder, "-n", 20, "-e", 1, "--quiet")
        assert result.code == code

    def test_what_cannot_fit_is_refused(self, run, tiny_folder, takes, tmp_path):
        takes(1.0, 1e21)
        result = run("generate", tiny_folder, "-n", 20, "-e", 1, "--yes")
        assert result.code == 1
        assert "will take about 1,000,000,000,000.0 GB" in tail(result)
        assert [path.name for path in tmp_path.iterdir()] == ["tiny"]

    @pytest.mark.parametrize("format_", ["table", "nuhepmc"])
    def test_the_size_is_right(self, tiny_model, tmp_path, format_):
        from nugen_gan.generation.energies import single
        from nugen_gan.generation.single import generate_single

        found: list[Estimate] = []
        path = tmp_path / "a"
        generate_single(
            tiny_model, path, 50_000, single(1.0), seed=1, output_format=format_,
            estimated=found.append,
        )  # fmt: skip
        assert found[0].events == 50_000
        assert found[0].size == pytest.approx(path.stat().st_size, rel=0.05)
        assert 0.0 < found[0].seconds < 600.0
