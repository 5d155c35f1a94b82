import sys

import pytest


class Result:
    """What a program left: exit code and what it printed."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def said(self):
        """All of it, on one line."""
        return " ".join(f"{self.out} {self.err}".split())


@pytest.fixture
def program(capsys, monkeypatch, tmp_path):
    """Run a program in an empty folder, as a user would: ``program(main, "-n", 10)``."""
    monkeypatch.chdir(tmp_path)
    for name in ("NUGEN_CC_ONLY", "NUGEN_ACCEPT_TUNE", "NUGEN_ACCEPT_DIFFERENCES", "NUWRO",
                 "NUGEN_ALLOW_EXTRAPOLATION"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)

    def run(main, *words):
        monkeypatch.setattr(sys, "argv", ["program", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return Result(stopped.value.code, printed.out, printed.err)

    return run


@pytest.fixture
def fluxes(tmp_path):
    """Files of fluxes: flux.root with several histograms, flux.txt with two columns."""
    import numpy as np
    import uproot

    edges = np.linspace(0.2, 4.2, 9)
    uneven = np.array([0.2, 0.4, 1.0, 2.0, 4.0])
    with uproot.recreate(tmp_path / "flux.root") as file:
        file["numu"] = (np.array([1.0, 3.0, 5.0, 4.0, 2.0, 1.0, 0.5, 0.2]), edges)
        file["numubar"] = (np.array([0.2, 0.6, 0.5, 0.4, 0.2, 0.1, 0.1, 0.1]), edges)
        file["from_zero"] = (np.ones(10), np.linspace(0.0, 10.0, 11))
        file["uneven"] = (np.array([4.0, 3.0, 2.0, 1.0]), uneven)
    enu = np.linspace(0.1, 6.0, 60)
    np.savetxt(tmp_path / "flux.txt", np.stack([enu, enu * np.exp(-enu)], axis=1))
    return tmp_path
