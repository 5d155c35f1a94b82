import codecs

import pytest

from nugen_gan.errors import FormatError
from nugen_gan.storage.text import read_text_file

TEXT = "0.2,0.4,5\n0.4,0.6,4\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.replace("\n", "\r\n").encode(),
        TEXT.replace("\n", "\r").encode(),
    ],
)
def test_marks_and_line_ends(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    assert read_text_file(tmp_path / "x.csv", "file") == TEXT


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"caf\xe9", b"\xef\xbb\xbf\xff"])
def test_what_is_no_text(tmp_path, content):
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(FormatError, match=r"flux file .*x\.csv cannot be read as text"):
        read_text_file(tmp_path / "x.csv", "flux file")
