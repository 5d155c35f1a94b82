from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel, Process

TABLES = Path(__file__).parents[3] / "shared" / "data" / "tables"
CHANNELS = {
    1: Channel.QE, 2: Channel.MEC, 3: Channel.HYP, 11: Channel.RES, 16: Channel.COH,
    26: Channel.DIS,
}  # fmt: skip

NUMU_CARBON = Process.from_name("numu_cc_C12")


@pytest.fixture(scope="session")
def tables():
    """Events of the genuine NuWro tables: ``tables("numu_C12_val", 1000)``."""
    if not TABLES.is_dir():
        pytest.skip("the shared NuWro tables are not here")
    import uproot

    def read(name: str, events: int) -> EventTable:
        with uproot.open(TABLES / f"{name}.root") as file:
            columns = file["FlatTree_VARS"].arrays(
                ["Mode", "Enu_true", "ELep", "CosLep"], library="np", entry_stop=events
            )
        channel = [CHANNELS[abs(int(mode))] for mode in columns["Mode"]]
        return EventTable(
            NUMU_CARBON, columns["Enu_true"], columns["ELep"], columns["CosLep"],
            np.array(channel), np.ones(len(channel)),
        )  # fmt: skip

    return read
