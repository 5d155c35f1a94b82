import errno
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import awkward as ak
import numpy as np
import pytest
from recorder import Recorder

from nugen_gan.adapters import table as table_module
from nugen_gan.conversion.convert import convert, read, read_all
from nugen_gan.errors import (
    EmptySelectionError,
    EnergyRangeError,
    FormatError,
    OutputError,
    UsageError,
)
from nugen_gan.events.columns import COLUMNS
from nugen_gan.physics.cross_section import CrossSection


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def same_events(one, other):
    assert one.present() == other.present()
    for name, column in COLUMNS.items():
        mine, theirs = getattr(one, name), getattr(other, name)
        if column.lists:
            assert ak.to_list(mine) == ak.to_list(theirs)
        else:
            np.testing.assert_array_equal(mine, theirs)


def test_converting_and_reading_give_the_same_table(data, here):
    source = data / "nuwro_numu_C12_1GeV.root"
    (done,) = convert(source)
    assert names(here) == ["nuwro_numu_C12_1GeV.table.root"]
    direct, back = read(source), read(done.path)
    same_events(direct.stored(), back)
    assert back.cross_section == direct.cross_section
    assert back.provenance == direct.provenance
    assert back.cutflow == direct.cutflow == done.cutflow
    assert done.flux_average == pytest.approx(12 * 9.09602063e-39)
    assert done.generator == "NuWro"


def test_converting_twice_gives_the_same_bytes(data, here):
    convert(data / "nuwro_numu_C12_1GeV.root", "a.table.root")
    convert(data / "nuwro_numu_C12_1GeV.root", "b.table.root")
    assert (here / "a.table.root").read_bytes() == (here / "b.table.root").read_bytes()


def test_a_converted_table_converts_to_the_same_bytes(data, here):
    convert(data / "nuwro_numu_C12_1GeV.root", "a.table.root")
    convert("a.table.root", "b.table.root")
    same_events(read("a.table.root"), read("b.table.root"))
    assert read("a.table.root").cross_section == read("b.table.root").cross_section


def test_neutral_currents_only(data, here):
    with pytest.raises(EmptySelectionError, match="QE 532, RES 468") as caught:
        convert(data / "nuwro_nc_only_C12.root")
    assert "dyn_*_cc" in str(caught.value)
    assert names(here) == []


def test_each_process_gets_a_file(shared_data, here):
    source = shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root"
    done = convert(source)
    assert sum(one.cutflow.kept for one in done) == 2163
    assert [one.path.name for one in done] == [
        f"nuwro_numu_CH_T2K_cc_nc.{one.process.name}.table.root" for one in done
    ]
    assert len(names(here)) == 7
    assert done[0].process.name == "numu_cc_C12"
    with pytest.raises(UsageError, match=r"numu_cc_C12 \(1,967 events\)") as caught:
        read(source)
    assert "probe='numu', target='C12'" in str(caught.value)
    with pytest.raises(UsageError, match="one file"):
        convert(source, "a.table.root")


def test_one_of_several_processes_can_be_picked(shared_data, here):
    source = shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root"
    assert len(read(source, probe="numubar", target="C")) == 73
    assert set(read_all(source, target="H1")) == {
        process for process in read_all(source) if process.target_name == "H1"
    }
    (done,) = convert(source, "a.table.root", probe=12, target="H1")
    assert done.cutflow.kept == 1
    with pytest.raises(EmptySelectionError, match=r"no event has probe nutau\. Found"):
        read(source, probe="nutau")


def test_an_energy_range(data):
    source = data / "numu_Ar40_1k.root"
    table = read(source, energy_range=(1.0, 5.0))
    assert 1.0 <= table.enu.min() <= table.enu.max() <= 5.0
    assert ("neutrino energy in 1-5 GeV", len(table)) in table.cutflow.steps
    with pytest.raises(EmptySelectionError, match="30-40 GeV: 0"):
        read(source, energy_range=(30.0, 40.0))
    with pytest.raises(UsageError, match="smaller one first"):
        read(source, energy_range=(5.0, 1.0))


def test_an_energy_range_does_not_change_sigma(shared_data):
    source = shared_data / "nuwro" / "nuwro_numu_C12.root"
    everything, part = read(source), read(source, energy_range=(1.0, 3.0))
    assert part.cross_section == everything.cross_section


def test_the_flux_average_of_a_part_is_over_that_part_of_the_flux(shared_data, here):
    source = shared_data / "nuwro" / "nuwro_numu_C12.root"
    whole = convert(source, "a.table.root")[0]
    low = convert(source, "b.table.root", energy_range=(0.2, 2.0))[0]
    high = convert(source, "c.table.root", energy_range=(2.0, 10.0))[0]
    # The 1/E flux in bins: 9 below 2 GeV, 40 above.
    share = np.r_[0.0, np.cumsum(1 / (np.arange(49) * 0.2 + 0.3))]
    share = share[9] / share[-1]
    total = share * low.flux_average + (1 - share) * high.flux_average
    assert total == pytest.approx(whole.flux_average, rel=2e-3)


def test_a_companion_cross_section(data, here):
    source, table = data / "numu_Ar40_1k.root", data / "numu_Ar40_xsec.txt"
    (done,) = convert(source, "a.table.root", cross_section=table)
    sigma = done.cross_section
    assert sigma.energy_range == pytest.approx((0.2, 20.0))
    enu = read("a.table.root").enu
    assert done.flux_average == pytest.approx(len(enu) / (1 / sigma(enu)).sum(), rel=1e-6)
    assert read("a.table.root").cross_section.as_dict() == sigma.as_dict()
    (again,) = convert("a.table.root", "b.flat.root")
    assert again.flux_average == done.flux_average


def test_a_companion_must_cover_the_events(data):
    sigma = CrossSection((0.5, 1.0, 2.0), (1e-37, 2e-37), (0.0, 0.0))
    with pytest.raises(EnergyRangeError, match="energy-range"):
        read(data / "numu_Ar40_1k.root", cross_section=sigma)
    table = read(data / "numu_Ar40_1k.root", cross_section=sigma, energy_range=(0.5, 2.0))
    assert table.cross_section == sigma


def test_inputs_of_two_formats(data):
    with pytest.raises(UsageError, match=r"\(nuwro\).*\(nuisance\)"):
        read([data / "nuwro_numu_C12_1GeV.root", data / "numu_Ar40_1k.root"])


def test_one_input_twice(data):
    with pytest.raises(UsageError, match="twice"):
        read([data / "numu_Ar40_1k.root"] * 2)
    with pytest.raises(UsageError, match="no file"):
        read([])


def test_the_wrong_format(data):
    with pytest.raises(FormatError, match="NUISANCE"):
        read(data / "nuwro_numu_C12_1GeV.root", format="nuisance")
    with pytest.raises(UsageError, match="no format"):
        read(data / "nuwro_numu_C12_1GeV.root", format="x")
    with pytest.raises(UsageError, match="does not exist"):
        read(data / "none.root", format="nuwro")


@pytest.mark.parametrize("size", [4, 19, 1000, 100_000, 1_000_000, 1_690_921])
def test_a_truncated_input_leaves_nothing_behind(data, here, size):
    content = (data / "nuwro_numu_C12_1GeV.root").read_bytes()
    source = here.parent / "cut.root"
    source.write_bytes(content[:size])
    with pytest.raises(FormatError, match="truncated"):
        convert(source)
    assert names(here) == []


def test_a_damaged_input_leaves_nothing_behind(data, here):
    content = np.frombuffer((data / "nuwro_numu_C12_1GeV.root").read_bytes(), np.uint8).copy()
    random = np.random.default_rng(1)
    content[random.integers(300, len(content), 20_000)] = 17
    source = here.parent / "damaged.root"
    source.write_bytes(content.tobytes())
    with pytest.raises(FormatError):
        convert(source)
    assert names(here) == []


def test_the_input_is_never_overwritten(data, here):
    convert(data / "numu_Ar40_1k.root", "a.table.root")
    before = (here / "a.table.root").read_bytes()
    for output in (None, "a.table.root", here / ".." / "here" / "a.table.root"):
        with pytest.raises(UsageError, match="input itself"):
            convert("a.table.root", output)
    assert (here / "a.table.root").read_bytes() == before


def test_an_output_folder(data, here):
    (here / "out").mkdir()
    (done,) = convert(data / "numu_Ar40_1k.root", "out", output_format="nuisance")
    assert done.path.name == "numu_Ar40_1k.flat.root"
    assert names(here / "out") == ["numu_Ar40_1k.flat.root"]


def test_an_output_folder_that_does_not_exist(data, here):
    with pytest.raises(OutputError, match="no folder"):
        convert(data / "numu_Ar40_1k.root", "none/a.table.root")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_output_folder_without_permission(data, here):
    here.chmod(0o500)
    with pytest.raises(OutputError, match="may not write"):
        convert(data / "numu_Ar40_1k.root")


def test_a_full_disk_leaves_the_old_file(data, here, monkeypatch):
    (here / "numu_Ar40_1k.table.root").write_text("old")

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(table_module, "_metadata", full)
    with pytest.raises(OutputError, match="disk is full"):
        convert(data / "numu_Ar40_1k.root", overwrite=True)
    assert names(here) == ["numu_Ar40_1k.table.root"]
    assert (here / "numu_Ar40_1k.table.root").read_text() == "old"


def test_a_disk_that_is_really_full(data, here):
    """A limit on the size of files stands for the end of the disk."""
    code = f"""
        import resource, signal
        from nugen_gan import convert
        from nugen_gan.errors import OutputError
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        try:
            convert({str(data / "numu_Ar40_1k.root")!r})
        except OutputError as error:
            print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert "cannot write" in done.stdout
    assert names(here) == []


def test_progress_rises_to_the_end(data, here):
    heard = Recorder()
    convert(data / "numu_Ar40_1k.root", monitor=heard)
    assert heard.stages == [("reading", 1000, "events"), ("writing", 1000, "events")]
    for stage in heard.advances:
        assert stage == sorted(stage)
        assert stage[-1] == 1000
    assert heard.ended == 2


@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="needs Linux's /proc")
def test_memory_stays_bounded(shared_data, here):
    # The peak of this process alone: the one of getrusage starts at that of its parent.
    code = f"""
        from nugen_gan import convert
        convert({str(shared_data / "tables" / "numu_C12_train.root")!r}, "a.table.root")
        print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert 10_000 < int(done.stdout.split()[1]) < 500_000  # kB


def test_sigma_of_one_process_is_enough_for_that_process(shared_data, here):
    """GENIE's splines of carbon do for the carbon events of a file that has hydrogen too."""
    mixed = shared_data / "nuwro" / "nuwro_numu_CH_T2K_cc_nc.root"
    splines = shared_data / "genie" / "genie_numu_C12_xsec.root"
    picked = {"probe": "numu", "target": "C12", "energy_range": (0.2, 10.0)}
    events = read(mixed, cross_section=splines, **picked)
    assert events.cross_section(1.0) == pytest.approx(10.436e-38, rel=1e-3)
    with pytest.raises(UsageError, match="H1"):
        read(mixed, cross_section=splines, probe="numu", target="H1", energy_range=(0.2, 10.0))
