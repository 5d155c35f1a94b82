import pytest
from recorder import Recorder

from nugen_gan.monitor import SILENT, Part, monitored


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


def test_parts_of_a_stage():
    heard = Recorder()
    with monitored(heard, "learning", 1.0):
        for number in range(4):
            part = Part.of(heard, number, 4)
            with monitored(part, "a part", 1.0):
                part.advanced(0.5, loss=2.0)
                part.note("half")
    assert heard.stages == [("learning", 1.0, "")]
    assert heard.advances == [[0.125, 0.375, 0.625, 0.875]]
    assert heard.figures == 4 * [{"loss": 2.0}]
    assert heard.notes == 4 * ["half"]
    assert heard.ended == 1
