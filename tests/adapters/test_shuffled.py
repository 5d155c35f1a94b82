"""Blocks joined of parts are written as a block that was never apart, to the byte."""

import numpy as np
import pytest

import nugen_gan
from nugen_gan.adapters.genie import gst_branches, rootracker_tree
from nugen_gan.adapters.nuwro import writer
from nugen_gan.adapters.shuffled import joined_columns
from nugen_gan.storage import root as root_io


def nuwro_columns(table, first, phi, sigma):
    return writer.columns(table, phi, np.ones(len(table)), {"text": "a", "flag": True, "x": 1.0})


def nuwro_tree(file):
    events = nugen_gan.read("numu_cc_C12_whole")[:2]
    constants = {"text": "a", "flag": True, "x": 1.0}
    return writer.empty_tree(file, "treeout", events, constants)


@pytest.mark.parametrize(
    ("columns", "make_tree"),
    [
        (gst_branches.columns, gst_branches.make_tree),
        (rootracker_tree.columns, rootracker_tree.make_tree),
        (nuwro_columns, nuwro_tree),
    ],
    ids=["gst", "rootracker", "nuwro"],
)
def test_the_same_bytes(columns, make_tree, tmp_path):
    table = nugen_gan.read("numu_cc_C12_whole")[:500]
    phi = np.linspace(0.0, 6.0, 500)
    random = np.random.default_rng(1)
    mine = random.random(500) < 0.3
    places = [np.flatnonzero(mine), np.flatnonzero(~mine)]
    parts = [columns(table[rows], 0, phi[rows], table.cross_section) for rows in places]
    joined = joined_columns(parts, places)
    for number in ("iev", "EvtNum"):
        if number in joined:
            joined[number] = np.arange(500, dtype=np.int32)
    whole = columns(table, 0, phi, table.cross_section)
    for name, block in (("joined", joined), ("whole", whole)):
        with root_io.recreate(tmp_path / name) as file:
            make_tree(file).extend(block)
    assert (tmp_path / "joined").read_bytes() == (tmp_path / "whole").read_bytes()
