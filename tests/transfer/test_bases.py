import pytest

from nugen_gan.physics.process import Process
from nugen_gan.transfer import bases

KNOWN = {"a": "numu_cc_C12", "b": "numubar_cc_C12", "c": "numu_cc_Ar40", "d": "numu_cc_C12"}


@pytest.mark.parametrize(
    ("process", "nearer"),
    [
        ("numubar_cc_C12", ["b"]),
        ("numubar_cc_Ar40", ["b"]),  # the probe counts more than the target
        ("nue_cc_Ar40", ["c"]),
        ("numu_cc_Ar40", ["c"]),
        ("numu_cc_C12", []),
        ("numu_cc_O16", []),
    ],
)
def test_bases_that_are_nearer(monkeypatch, process, nearer):
    monkeypatch.setattr(bases, "bundled_models", lambda: list(KNOWN))
    monkeypatch.setattr(bases, "_process_of", KNOWN.get)
    assert bases.nearer_bases("numu_cc_C12", Process.from_name(process)) == nearer
