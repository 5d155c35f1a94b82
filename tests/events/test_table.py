from dataclasses import replace

import numpy as np
import pytest

from nugen_gan.errors import UsageError
from nugen_gan.events.cutflow import CutFlow
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.selection import RawEvents, select
from nugen_gan.events.table import EventTable, rechunk
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel, Process

PROCESS = Process.from_name("numu_cc_C12")


def raw(**changes):
    """Return seven events, of which only the first survives every cut."""
    n = 7
    base = RawEvents(
        probe=np.array([14, -14, 14, 14, 14, 14, 14], np.int32),
        target=np.full(n, 1000060120, np.int32),
        lepton=np.array([13, 13, 0, 11, 13, 13, 13], np.int32),
        cc=np.array([True, True, False, True, True, True, True]),
        enu=np.array([1.0, 1.0, 1.0, 1.0, 9.0, 1.0, 1.0]),
        elep=np.array([0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 0.5]),
        costheta=np.full(n, 0.5),
        channel=np.full(n, Channel.QE, np.int16),
        weight=np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, np.nan]),
    )
    return replace(base, **changes)


def test_each_cut_takes_its_event():
    table = select(raw(), PROCESS, (0.5, 2.0))
    assert [count for _, count in table.cutflow.steps] == [7, 6, 5, 4, 3, 1]
    assert len(table) == 1


def test_without_a_range_there_is_no_such_step():
    assert len(select(raw(), PROCESS).cutflow.steps) == 5


def test_a_rounded_mass_is_no_reason_to_drop_an_event():
    elep = np.array([0.105658, 0.5, 0.5, 0.5, 0.5, 1.5, 0.5])
    assert len(select(raw(elep=elep), PROCESS, (0.5, 2.0))) == 1


def test_cut_flows_of_chunks_add_up():
    flow = select(raw(), PROCESS).cutflow
    assert (flow + flow).kept == 2 * flow.kept
    assert (CutFlow() + flow) == flow
    with pytest.raises(ValueError, match="different selections"):
        flow + select(raw(), PROCESS, (0.5, 2.0)).cutflow


def test_a_later_selection_adds_only_what_it_drops():
    first = CutFlow((("read", 10), ("cc", 8)))
    assert first.then(CutFlow((("read", 8), ("x", 8)))) == first
    assert first.then(CutFlow((("read", 8), ("x", 8), ("y", 3)))).steps[-1] == ("y", 3)
    assert CutFlow().then(first) == first


def test_a_cut_flow_prints_percentages():
    assert "80.00 %" in str(CutFlow((("read", 10), ("cc", 8))))


def test_columns_must_have_one_shape(events):
    with pytest.raises(ValueError, match="one shape"):
        events.with_(enu=[1.0])


@pytest.mark.parametrize("size", [1, 2, 4, 6, 100])
def test_rechunk_depends_on_the_events_alone(events, size):
    blocks = list(rechunk([events[:1], events[1:5], events[5:]], size))
    assert [len(block) for block in blocks[:-1]] == [size] * (len(blocks) - 1)
    assert 0 < len(blocks[-1]) <= size
    joined = EventTable.concatenate(blocks)
    for name in EventTable.columns():
        np.testing.assert_array_equal(getattr(joined, name), getattr(events, name))


def test_rechunk_of_nothing_is_nothing(events):
    assert list(rechunk([events[:0]], 10)) == []


def test_only_one_process_can_be_joined(events):
    with pytest.raises(ValueError, match="one process"):
        EventTable.concatenate([events, events.with_(process=Process.from_name("numu_cc_Ar40"))])


def test_four_momenta_lie_on_the_mass_shell(events):
    lepton = events.to_vector(phi=np.full(len(events), 0.3)).lepton
    np.testing.assert_allclose(lepton.mass, PROCESS.lepton_mass, rtol=1e-6)
    np.testing.assert_allclose(np.cos(lepton.theta), events.costheta, atol=1e-9)


def test_channel_fractions_are_weighted(events):
    fractions = events.channel_fractions()
    assert sum(fractions.values()) == pytest.approx(1.0)
    assert fractions["QE"] == pytest.approx(3.0 / 5.75)


def test_energy_range_is_rounded_outwards(events):
    table = events.with_(enu=[0.2013, 1.0, 1.5, 2.0, 3.0, 19.999998], elep=[0.15] * 6)
    assert table.energy_range() == pytest.approx((0.2, 20.0))


def test_energy_range_follows_the_flux_bins(events):
    sigma = CrossSection((0.45, 1.0, 4.2), (1e-38, 2e-38), (0.0, 0.0))
    assert events.with_(cross_section=sigma).energy_range() == (0.45, 4.2)


def test_energy_range_of_one_energy_and_of_none(events):
    assert events.with_(enu=np.full(6, 5.0)).energy_range() == (5.0, 5.0)
    with pytest.raises(UsageError):
        events[:0].energy_range()


def test_stored_is_what_a_file_keeps(events):
    stored = events.with_(enu=events.enu + 1e-9).stored()
    np.testing.assert_array_equal(stored.enu, events.enu)


def test_provenance_survives_json():
    file = SourceFile("a.root", "00" * 32, 5)
    origin = Provenance("NuWro", "1", {"seed": 3}, (file,))
    assert Provenance.from_dict(origin.as_dict()) == origin


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(0.01, 10.0, (0.50, 4.0)), (0.5, 4.0, (0.5, 4.0)), (0.01, 3.9999, (0.50, 4.0))],
)
def test_points_of_a_curve_are_no_bins_of_the_flux(events, first, last, expected):
    """They do not widen the range of the events, and bound it only where the events allow."""
    points = np.linspace(first, last, 77)
    sigma = CrossSection.from_points(points, points * 1e-38)
    low, high = events.with_(cross_section=sigma).energy_range()
    assert (low, high) == pytest.approx(expected)


def test_a_curve_bounds_the_range_of_energies(events):
    sigma = CrossSection.from_points([0.5015, 3.983], [1e-38, 4e-38])
    inner = events[(events.enu > 0.6) & (events.enu < 3.9)]
    table = inner.with_(enu=[1.0, 1.5, 2.0, 3.981], cross_section=sigma)
    assert table.energy_range()[1] == 3.983


def test_it_prints_as_a_line(events, tiny_events):
    assert repr(events) == (
        "EventTable: 6 events of numu_cc_C12, 0.5-4 GeV, from an unnamed generator; "
        "cross section unknown"
    )
    assert repr(tiny_events).endswith("; cross section 3 bins, 0.2-20 GeV (made up)")
    assert repr(events[:0]).startswith("EventTable: 0 events of numu_cc_C12, from")
