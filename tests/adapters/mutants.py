"""Damaged copies of files, for tests that readers never hang, crash or make numbers up."""

import numpy as np

from nugen_gan.errors import NugenError
from nugen_gan.reading import Sample


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
