"""Damaged copies of files, for tests that readers never hang, crash or make numbers up."""

import awkward as ak
import numpy as np
import uproot

from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import NugenError

KINEMATICS = ("enu", "elep", "costheta")


def mutants(content, count, seed):
    """Yield ``count`` damaged copies of some bytes: cut short, bits flipped, parts lost."""
    random = np.random.default_rng(seed)
    for number in range(count):
        data = bytearray(content)
        kind = number % 4
        where = int(random.integers(len(data)))
        if kind == 0:
            del data[where:]
        elif kind == 1:
            for place in random.integers(len(data), size=random.integers(1, 9)):
                data[place] ^= 1 << int(random.integers(8))
        elif kind == 2:
            data[where : where + 16] = random.bytes(16)
        else:
            data[where : where + int(random.integers(1, 400))] = b"\0" * 8
        yield bytes(data)


def read_or_refuse(path, format):
    """Read all events of a file; None if it was refused with an error of ours."""
    try:
        sample = Sample([path], format=format)
        tables = [table for p in sample.pick() for table in sample.tables(p)]
    except NugenError:
        return None
    for table in tables:
        assert table.is_physical().all()
        assert np.isfinite(table.weight).all()
    return tables


def assert_no_new_events(tables, genuine):
    """Check that every event read from a damaged file is one of the genuine ones."""
    known = {
        tuple(row)
        for row in zip(*(np.float32(getattr(genuine, name)) for name in KINEMATICS), strict=True)
    }
    for table in tables:
        rows = zip(*(np.float32(getattr(table, name)) for name in KINEMATICS), strict=True)
        wrong = [row for row in rows if tuple(row) not in known]
        assert not wrong, wrong[:3]


def retyped(path, tree, branches, target):
    """Yield copies of a tree in which one of these branches is missing, mistyped or absurd.

    Each is written to ``target``; objects beside the tree are texts and are copied.  What is
    yielded is a description of the damage.
    """
    with uproot.open(path) as file:
        columns = {name: branch.array() for name, branch in file[tree].items()
                   if name not in {"nin", "nout", "npost"}}  # fmt: skip
        texts = {name: str(file[name]) for name, kind in file.classnames(cycle=False).items()
                 if kind == "TObjString"}  # fmt: skip
    for name in branches:
        for what, change in DAMAGE.items():
            changed = columns | {name: change(columns[name])}
            if changed[name] is None:
                del changed[name]
            _write(target, tree, changed, texts)
            yield f"{name} {what}"


def _write(target, tree, columns, texts):
    with uproot.recreate(target) as file:
        types = {name: "string" if "string" in str(x.type.content) else x.type.content
                 for name, x in columns.items()}  # fmt: skip
        file.mktree(tree, types).extend(columns)
        for name, text in texts.items():
            file[name] = text


def _every_third(value):
    """Put a value into every third event; a list where there are lists."""

    def change(column):
        if "string" in str(column.type.content):
            return column
        third = np.arange(len(column)) % 3 == 0
        # Sums and products, for they reach into lists.
        kept = ak.values_astype(column, np.float64) * np.where(third, 0.0, 1.0)
        return kept + np.where(third, value, 0.0)

    return change


def _negative(column):
    if "string" in str(column.type.content):
        return column
    return -ak.values_astype(column, np.float64)


DAMAGE = {
    "is missing": lambda column: None,
    "is text": lambda column: ak.Array(["text"] * len(column)),
    "is a list": lambda column: ak.Array([[1.0, 2.0]] * len(column)),
    "is an empty list": lambda column: ak.values_astype(ak.Array([[]] * len(column)), np.float64),
    "is NaN": _every_third(np.nan),
    "is infinite": _every_third(np.inf),
    "is huge": _every_third(1e30),
    "is negative": _negative,
}
