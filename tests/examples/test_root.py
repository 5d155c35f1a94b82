"""ROOT macros of the examples, where ROOT is installed."""

import subprocess
from pathlib import Path

import numpy as np
from read_with_root_runner import root_python

import nugen_gan

MACRO = Path(__file__).parents[2] / "examples" / "root" / "upgrade_rootracker.C"
# What edep-sim, PyROOT and Draw do with EvtCode.
READER = """
import sys, ROOT
ROOT.gROOT.SetBatch(True)
ROOT.gROOT.ProcessLine(f'.x {sys.argv[1]}("{sys.argv[2]}", "{sys.argv[3]}")')
file = ROOT.TFile(sys.argv[3])
tree = file.Get("gRooTracker")
tree.GetEntry(0)
drawn = tree.Draw("EvtNum", 'EvtCode.GetString().Contains("CC")', "goff")
kind = tree.GetBranch("EvtFlags").GetClassName()
print("RESULT", tree.GetEntries(), drawn, kind, tree.EvtCode.GetString().Data())
"""


def test_the_upgraded_file_is_like_genie_s_own(tmp_path, data):
    python = root_python()
    events = nugen_gan.read(data / "numu_Ar40_1k.root")[:50]
    path = nugen_gan.write(events, tmp_path / "a.gtrac.root")
    done = subprocess.run(
        [python, "-c", READER, str(MACRO), str(path), str(tmp_path / "b.gtrac.root")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    _, entries, drawn, kind, code = next(
        line for line in done.stdout.splitlines() if line.startswith("RESULT")
    ).split(maxsplit=4)
    assert (entries, drawn, kind) == ("50", "50", "TBits")
    assert "Weak[CC]" in code
    again = nugen_gan.read(tmp_path / "b.gtrac.root")
    np.testing.assert_array_equal(again.elep, nugen_gan.read(path).elep)
    np.testing.assert_array_equal(again.channel, nugen_gan.read(path).channel)
