import numpy as np
import pytest
from recorder import Recorder

from nugen_gan.adapters.base import Header
from nugen_gan.adapters.table import Table
from nugen_gan.conversion.convert import convert, write
from nugen_gan.conversion.sample import FEW, Sample
from nugen_gan.events.provenance import Provenance, SourceFile
from nugen_gan.events.table import EventTable
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Channel


def table(path, events, provenance):
    header = Header(events.process, len(events), provenance=provenance)
    Table().write(path, [events], lambda: header)
    return path


def test_a_large_table_is_not_kept_though_its_provenance_names_no_files(tmp_path, events):
    """As those that ``nugen-gan generate`` writes."""
    n = 1_000_000
    many = EventTable(events.process, *(np.resize(getattr(events, name), n)
                                        for name in EventTable.columns()))  # fmt: skip
    path = table(tmp_path / "a.table.root", many, Provenance("nugen-gan", "1.0", {"seed": 1}))
    heard = Recorder()
    sample = Sample([path], monitor=heard)
    assert sample.source.entries == sample.read == n > FEW
    assert sample._kept is None
    # Events to be read are known from the start.
    assert heard.stages == [("reading", n, "events")]
    assert heard.advances[0][-1] == n


def test_a_small_table_is_kept_though_it_was_made_from_a_large_file(tmp_path, events):
    origin = Provenance("NuWro", "", {}, (SourceFile("huge.root", "00" * 32, 10_000_000),))
    sample = Sample([table(tmp_path / "a.table.root", events, origin)])
    assert sample.source.entries == 6
    assert sample._kept is not None


@pytest.mark.parametrize(
    "suffix",
    [".table.root", ".flat.root", ".gst.root", ".gtrac.root", ".nuwro.root", ".evtlib.root",
     ".hepmc3", ".hepevt"],
)  # fmt: skip
def test_every_source_counts_its_entries(tmp_path, events, suffix):
    sigma = CrossSection.from_points([0.2, 10.0], [1e-38, 1e-36])
    ten = EventTable.concatenate([events, events[:4]])
    ten = ten.with_(cross_section=sigma, weight=np.ones(10))
    paths = [write(ten[i:], tmp_path / f"{i}{suffix}") for i in range(2)]
    sample = Sample(paths)
    assert sample.source.entries == sample.read == 19


def test_conversions_from_one_dialect_into_all_others(tmp_path, data):
    """And back, over each of them: what every dialect can carry stays as it was."""
    source = data / "genie_numu_C12.gst.root"
    sigma = CrossSection.from_points([0.1, 20.0], [1e-38, 1e-36])
    first = None
    for suffix in (".nuwro.root", ".evtlib.root", ".gtrac.root", ".flat.root", ".gst.root"):
        (done,) = convert(source, tmp_path / f"a{suffix}", cross_section=sigma)
        (sample,) = [Sample([done.path])]
        (process,) = sample.pick()
        found = EventTable.concatenate(sample.tables(process))
        first = found if first is None else first
        assert np.array_equal(found.channel, first.channel)
        assert set(found.channel) <= {int(channel) for channel in Channel}
        np.testing.assert_allclose(found.enu, first.enu, rtol=2e-7)
        np.testing.assert_allclose(found.elep, first.elep, rtol=2e-7)
        np.testing.assert_allclose(found.costheta, first.costheta, atol=3e-7)
        average = sample.header(process).flux_average
        assert average == pytest.approx(done.flux_average, rel=1e-5)
        source = done.path
