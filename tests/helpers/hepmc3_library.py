"""HepMC3's own C++ library, as an independent reader."""

import ctypes
import importlib.util
from pathlib import Path

import pytest


def hepmc3():
    """The C++ library's own bindings, which look for their library in the wrong folder."""
    spec = importlib.util.find_spec("pyHepMC3")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel hepmc3 is not installed")
    for library in sorted(Path(spec.origin).parents[3].glob("libHepMC3.so.*")):
        ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
    from pyHepMC3 import HepMC3

    return HepMC3
