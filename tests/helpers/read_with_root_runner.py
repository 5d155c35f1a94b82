"""Start ROOT in a process of its own, where it is installed."""

import json
import os
import subprocess
import sys
from functools import lru_cache
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("read_with_root.py")
# Another Python that has ROOT may be named here.
PYTHON = os.environ.get("NUGEN_GAN_ROOT_PYTHON", sys.executable)


@lru_cache(maxsize=1)
def have_root():
    done = subprocess.run([PYTHON, "-W", "ignore", "-c", "import ROOT"], capture_output=True)
    return done.returncode == 0


def read_with_root(path, tree):
    """What ROOT finds in a file; skips the test where ROOT is not installed."""
    if not have_root():
        pytest.skip("ROOT is not installed")
    words = [PYTHON, "-W", "ignore", str(SCRIPT), str(path), tree]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    # ROOT warns about damaged baskets on the error stream and goes on.
    assert "Error" not in done.stderr
    assert "Warning in" not in done.stderr
    return json.loads(done.stdout[done.stdout.index("JSON") + 4 :])


def root_python():
    """A Python that has ROOT; skips the test where there is none."""
    if not have_root():
        pytest.skip("ROOT is not installed")
    return PYTHON
