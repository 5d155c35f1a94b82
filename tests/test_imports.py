"""Imports point one way: from the command line down to physics, and never back."""

import ast
from pathlib import Path

import pytest

import nugen_gan

ROOT = Path(nugen_gan.__file__).parent
# From the ground up; what stands in one row may not import each other, but for what SIDEWAYS says.
LEVELS = (
    ("_version", "errors", "streams", "monitor", "stopping", "parallel", "perceptron"),
    ("processes",),
    ("physics",),
    ("storage",),
    ("events",),
    ("adapters", "gan", "validation"),
    ("density_ratio",),
    ("channels", "hadrons", "lepton"),
    ("model",),
    ("training", "conversion"),
    ("transfer", "generation"),
    ("cli", "__init__", "__main__"),
)
LEVEL = {name: number for number, row in enumerate(LEVELS) for name in row}
# The foundation knows itself; conversion reads models for their settings, all others do not.
SIDEWAYS = {("errors", "_version"), ("__main__", "cli"), ("monitor", "errors")}
# What a folder may not import from outside, however deep inside it.
FORBIDDEN = {
    "physics": ("torch", "uproot", "awkward"),
    "events": ("torch", "uproot"),
    "validation": ("torch", "uproot"),
}
MODULES = sorted(ROOT.rglob("*.py"))


def _name(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts)


def _imports(path):
    """Modules of the package, without its name, that a file imports, and names of others."""
    own, other = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            (own if first == "nugen_gan" else other).add(rest if first == "nugen_gan" else first)
    return own, other


def _top(module):
    return module.split(".")[0] or "__init__"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_imports_point_downwards(path):
    here = _top(_name(path))
    own, other = _imports(path)
    for module in own:
        there = _top(module)
        if there == here or (here, there) in SIDEWAYS:
            continue
        assert there in LEVEL, f"{_name(path)} imports {module or 'nugen_gan'}, which has no level"
        assert LEVEL[there] < LEVEL[here], f"{_name(path)} ({here}) imports {module} ({there})"
    assert not other & set(FORBIDDEN.get(here, ())), f"{_name(path)} imports {other}"


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_what_is_private_stays_in_its_folder(path):
    here = _name(path).rpartition(".")[0]
    for module in _imports(path)[0]:
        folder, _, leaf = module.rpartition(".")
        if leaf.startswith("_") and leaf != "__version__" and _top(module) != "_version":
            assert folder == here, f"{_name(path)} imports {module}"


def test_no_circle_and_not_too_deep():
    """Modules in the order of their imports, at most twelve levels of folders deep."""
    known = {_name(path).removesuffix(".__init__"): path for path in MODULES}
    edges = {}
    for name, path in known.items():
        found = set()
        for module in _imports(path)[0]:
            # `from nugen_gan.a import b`: the module a.b, or the name b in the module a.
            found.add(module if module in known else module.rpartition(".")[0])
        edges[name] = {module for module in found if module in known and module != name}
    folders = {}
    for name, found in edges.items():
        folders.setdefault(_top(name), set()).update(_top(module) for module in found)
    depth = {}

    def deep(folder, above=()):
        assert folder not in above, f"a circle of imports: {above}"
        if folder not in depth:
            below = folders[folder] - {folder, "__init__"}
            depth[folder] = 1 + max((deep(one, (*above, folder)) for one in below), default=0)
        return depth[folder]

    assert max(deep(folder) for folder in folders if folder not in ("__init__",)) <= 12
