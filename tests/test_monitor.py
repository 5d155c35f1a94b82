import pytest
from recorder import Recorder

from nugen_gan.monitor import SILENT, monitored


def test_a_stage_ends_also_where_it_fails():
    heard = Recorder()

    def divide():
        with monitored(heard, "dividing", 3, "numbers"):
            heard.advanced(1, loss=0.5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        divide()
    assert heard.stages == [("dividing", 3, "numbers")]
    assert heard.advances == [[1]]
    assert heard.figures == [{"loss": 0.5}]
    assert heard.ended == 1


def test_silence(capsys):
    with monitored(SILENT, "nothing"):
        SILENT.advanced(1, pull=1.0)
        SILENT.note("never seen")
    assert capsys.readouterr() == ("", "")
