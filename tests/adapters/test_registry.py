import subprocess
import sys
from importlib.metadata import EntryPoint

import numpy as np
import pytest
import uproot

from nugen_gan.adapters import registry
from nugen_gan.adapters.base import Adapter
from nugen_gan.conversion.convert import read
from nugen_gan.errors import FormatError, UsageError


class Mine(Adapter):
    name = "mine"
    description = "an adapter of another package"
    suffixes = (".mine",)
    writes = True

    def sniff(self, path):
        return path.read_bytes().startswith(b"MINE")


class Reader(Mine):
    writes = False


class Broken(Mine):
    def __init__(self):
        raise RuntimeError("no licence")


class Leaving(Mine):
    def __init__(self):
        sys.exit("no licence")


class Short(Mine):
    name = "short"
    suffixes = ".mine"  # each letter of which would be a suffix


class Nameless(Mine):
    name = None


class Impostor(Mine):
    name = "nuwro"


class Raising(Mine):
    name = "raising"

    def sniff(self, path):
        raise UnicodeDecodeError("utf-8", b"x", 0, 1, "what is this")


class Undecided(Mine):
    """Its answer is neither true nor false."""

    name = "undecided"

    def sniff(self, path):
        return np.array([True, False])


AN_ADAPTER = Mine()


@pytest.fixture
def installed(monkeypatch):
    """Pretend that packages with these entry points are installed."""

    def install(*places):
        points = [EntryPoint(name, value, registry.GROUP) for name, value in places]
        monkeypatch.setattr(registry, "entry_points", lambda group: points)
        registry.refresh()

    yield install
    monkeypatch.undo()
    registry.refresh()


def test_another_package_adds_a_format(installed, tmp_path):
    installed(("mine", f"{__name__}:Mine"))
    path = tmp_path / "a.root"
    path.write_bytes(b"MINE")
    assert registry.guess_adapter(path).name == "mine"
    assert registry.get_adapter("mine") is registry.adapters()["mine"]
    assert registry.writer_for("x.mine").name == "mine"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("gone", "no_such_module:Mine", "loading it failed"),
        ("broken", f"{__name__}:Broken", "no licence"),
        ("wrong", "builtins:dict", "not an Adapter"),
        ("nuwro", f"{__name__}:Mine", "exists already"),
        ("leaving", f"{__name__}:Leaving", "no licence"),
        ("module", "json", "loading it failed"),
        ("nothing", f"{__name__}:NoSuchClass", "loading it failed"),
        ("nonsense", "no entry point at all", "loading it failed"),
        ("instance", f"{__name__}:AN_ADAPTER", "loading it failed"),
        ("abstract", "nugen_gan.adapters.base:Adapter", "loading it failed"),
        ("short", f"{__name__}:Short", "not a tuple of texts"),
        ("nameless", f"{__name__}:Nameless", "has no name"),
        ("impostor", f"{__name__}:Impostor", "calls itself 'nuwro'"),
    ],
)
def test_an_unusable_one_is_left_out_with_a_warning(installed, name, value, reason):
    installed((name, value))
    with pytest.warns(RuntimeWarning, match=reason):
        found = registry.adapters()
    assert not isinstance(found.get(name), Mine)
    assert "nuwro" in found


@pytest.mark.parametrize("cls", ["Raising", "Undecided"])
def test_one_that_fails_to_look_at_a_file_is_passed_over_by_name(installed, tmp_path, cls):
    """It comes before a good one, and by the name of its package where that is known."""
    installed((cls.lower(), f"{__name__}:{cls}"), ("zzz", f"{__name__}:Mine"))
    path = tmp_path / "a.root"
    path.write_bytes(b"MINE")
    with pytest.warns(RuntimeWarning, match=rf"{cls.lower()}' of {__name__}.*passed over"):
        assert registry.guess_adapter(path).name == "mine"


def test_one_that_fails_to_look_takes_no_file_with_it(installed, tmp_path, data):
    installed(("raising", f"{__name__}:Raising"))
    assert registry.guess_adapter(data / "nuwro_numu_C12_1GeV.root").name == "nuwro"
    (tmp_path / "a.txt").write_text("hello world")
    with (
        pytest.warns(RuntimeWarning, match="'raising'"),
        pytest.raises(FormatError, match="text file that begins with 'hello world'"),
    ):
        registry.guess_adapter(tmp_path / "a.txt")
    with (
        pytest.warns(RuntimeWarning, match="'raising'"),
        pytest.raises(UsageError, match="can be written, not read"),
    ):
        read(tmp_path / "a.txt", format="raising")


def test_the_package_of_one_that_fails_is_named(installed, monkeypatch):
    class Package:
        name = "their-package"

    point = EntryPoint("broken", f"{__name__}:Broken", registry.GROUP)
    object.__setattr__(point, "dist", Package())
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    registry.refresh()
    with pytest.warns(RuntimeWarning, match="'broken' of their-package"):
        registry.adapters()
    registry.refresh()


def test_an_unknown_name_is_told_the_known_ones():
    with pytest.raises(UsageError, match="nuisance"):
        registry.get_adapter("nuwor")


def test_every_adapter_goes_by_its_own_name():
    for name, adapter in registry.adapters().items():
        assert adapter.name == name
        assert adapter.description


def write_tree(path, tree, **branches):
    with uproot.recreate(path) as file:
        file.mktree(tree, {name: np.dtype("i4") for name in branches}).extend(branches)


def write_histogram(path):
    with uproot.recreate(path) as file:
        file["h"] = np.histogram([1.0, 2.0])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.write_text("hello world"), "text file that begins with 'hello world'"),
        (lambda path: path.write_bytes(bytes(100)), "binary"),
        (lambda path: path.write_bytes(b"root" + bytes(6)), "truncated"),
        (lambda path: path.write_bytes(b"root" + bytes(600)), "damaged"),
        (write_histogram, "without a single tree"),
        (lambda path: write_tree(path, "foo", bar=np.arange(3)), r"foo \(3 entries; branches bar"),
        (lambda path: write_tree(path, "gtree", gmcrec=np.arange(3)), "gntpc -f gst"),
        (lambda path: write_tree(path, "treeout", dyn=np.arange(3)), "treeout"),
    ],
)
def test_a_file_that_nobody_claims_is_described(tmp_path, make, words):
    path = tmp_path / "events.root"
    make(path)
    with pytest.raises(FormatError, match=words) as caught:
        registry.guess_adapter(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_nobody_claims_gets_the_list_of_readers(tmp_path):
    (tmp_path / "a.root").write_text("x")
    with pytest.raises(FormatError) as caught:
        registry.guess_adapter(tmp_path / "a.root")
    for name in ("table", "nuwro", "nuisance", "expect a ROOT file"):
        assert name in str(caught.value)


def test_what_is_no_file_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError, match="does not exist"):
        registry.guess_adapter(tmp_path / "none.root")
    with pytest.raises(UsageError, match="folder"):
        registry.guess_adapter(tmp_path)


def test_the_suffix_decides_only_for_outputs_and_only_without_a_format():
    assert registry.writer_for("a.table.root").name == "table"
    assert registry.writer_for("a.root").name == "table"
    assert registry.writer_for("a.flat.root").name == "nuisance"
    assert registry.writer_for("a.table.root", "nuisance").name == "nuisance"
    with pytest.raises(UsageError, match="--output-format"):
        registry.writer_for("a.xyz")


def test_a_reader_is_no_writer(installed):
    installed(("reader", f"{__name__}:Reader"))
    with pytest.raises(UsageError, match="read, not written"):
        registry.writer_for("a.mine", "reader")


def test_listing_the_formats_imports_nothing_heavy():
    code = (
        "import sys; from nugen_gan.adapters.registry import adapters; adapters();"
        "print(sorted({'torch', 'uproot', 'awkward'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
