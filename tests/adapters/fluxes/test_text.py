import codecs

import numpy as np
import pytest

from nugen_gan.adapters.fluxes.text import read_table
from nugen_gan.adapters.fluxes.words import parse_flux
from nugen_gan.errors import FormatError, UsageError

ROWS = [[0.2, 0.4, 5.0], [0.4, 0.6, 4.0]]


@pytest.fixture
def write(tmp_path):
    def write(text):
        path = tmp_path / "flux.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


@pytest.mark.parametrize(
    "text",
    [
        "0.2 0.4 5\n0.4 0.6 4\n",
        "0.2\t0.4\t5\n0.4\t0.6\t4\n",
        "0.2,0.4,5,\n0.4,0.6,4,\n",
        '"0.2","0.4","5"\n"0.4","0.6","4"\n',
        "0,2;0,4;5\n0,4;0,6;4\n",
        "0,2\t0,4\t5,0\n0,4\t0,6\t4,0\n",
        "0,200;0,400;5,000\n0,400;0,600;4,000\n",
        "0.2,0.4 5 # first\n0.4,0.6 4 ! second\n",
        "The flux of 2016\nin three columns\n\nElow Ehigh flux\n0.2 0.4 5\n0.4 0.6 4\n",
        "0.2 - 0.4   5e0\n0.4-0.6 4\n",
        "// a comment, 1 2 3\n.2 .4 5.\n.4 .6 4.d0\n",
    ],
)
def test_ways_to_write_a_table(tmp_path, text):
    np.testing.assert_allclose(read_table(text, tmp_path).rows, ROWS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x0.2 0.4 5\n0.4 0.6 4\n", r"line 1 has 'x0\.2' among numbers"),
        ("0.2 -- 5\n0.4 0.6 4\n", "line 1 has '--'"),
        ("0.2 0.4 5\n0.4 0.6 n/a\n", "line 2 has 'n/a'"),
        ("0.2 0.4 5\nsecond table\n0.4 0.6 4\n", "line 2 has 'second'"),
        ("0.2 0.4 5\n0.4 0.6\n", r"rows of 2, 3 \(line 2 has 2\)"),
        ("1_000 2 3\n2 3 4\n", "line 1 has '1_000'"),
        ("0,2 0,4 5\n0,4 0,6 4\n", "commas may separate"),
        ("1,000;2,000;5\n2,000;3,000;4\n", "separate thousands"),
        ("1,000.5;2,000.5;5\n", "points and commas"),
        ("0,2;0.4;5\n", "points and commas"),
    ],
)
def test_what_could_be_misread_is_refused(tmp_path, text, message):
    with pytest.raises(FormatError, match=message):
        read_table(text, tmp_path)


def test_a_negative_flux_keeps_its_sign(write):
    np.testing.assert_allclose(read_table("1 2 -1\n2 3 1\n", "x").rows[:, 2], [-1.0, 1.0])
    with pytest.raises(UsageError, match=r"flux\.csv: bin 1 \(1 to 2\) has a flux of -1"):
        parse_flux(write("1 2 -1\n2 3 1\n"))
    with pytest.raises(UsageError, match=r"flux\.csv: point 2 \(at 2\) has a flux of nan"):
        parse_flux(write("1 2\n2 nan\n"))
    with pytest.raises(UsageError, match=r"flux\.csv: edge 3 is inf"):
        parse_flux(write("1 2 2\n2 inf 1\n"))
    with pytest.raises(UsageError, match=r"zero in all its 2 bins"):
        parse_flux(write("1 2 0\n2 3 0\n"))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-8"])
def test_the_first_bin_survives_a_byte_order_mark(write, encoding):
    centres = np.arange(0.3, 3.0, 0.2)
    flux = np.interp(centres, [0.3, 2.9], [5.0, 1.0])
    text = "".join(f"{e - 0.1:.1f},{e + 0.1:.1f},{f:.4f}\r\n"
                   for e, f in zip(centres, flux, strict=True))  # fmt: skip
    read = parse_flux(write(text.encode(encoding)))
    assert read.energy_range == (0.2, 3.0)
    assert read.mean_energy() == pytest.approx(1.267, abs=5e-4)


def test_a_mark_in_the_middle_is_no_head(write):
    with pytest.raises(FormatError, match="among numbers"):
        parse_flux(write(b" " + codecs.BOM_UTF8 + b"0.2,0.4,5\n0.4,0.6,4\n"))
