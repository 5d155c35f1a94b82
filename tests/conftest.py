import os
import runpy
import sys
from pathlib import Path

import pytest

# Several tests run at a time, each on one core; set before torch counts the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from nugen_gan.events.table import EventTable
from nugen_gan.physics.process import Channel, Process

SHARED = Path(__file__).parents[1] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def data() -> Path:
    """Small genuine files, kept with the tests."""
    return Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The project's large samples, which only developers have."""
    if not SHARED.is_dir():
        pytest.skip("the shared data are not here")
    return SHARED


@pytest.fixture
def events() -> EventTable:
    """Six events of two channels with unequal weights."""
    return EventTable(
        Process.from_name("numu_cc_C12"),
        enu=[0.5, 1.0, 1.5, 2.0, 3.0, 4.0],
        elep=[0.4, 0.7, 1.0, 0.5, 2.5, 3.9],
        costheta=[0.9, -0.2, 0.5, 0.0, 0.99, 1.0],
        channel=[Channel.QE, Channel.QE, Channel.RES, Channel.DIS, Channel.COH, Channel.MEC],
        weight=[1.0, 2.0, 0.5, 1.0, 1.0, 0.25],
    )


@pytest.fixture(scope="session")
def tiny_events(data):
    """A thousand genuine events of NuWro, nu_mu on argon, with a made-up cross section."""
    import nugen_gan
    from nugen_gan.physics.cross_section import CrossSection

    sigma = CrossSection((0.2, 1.0, 5.0, 20.0), (1e-37, 6e-37, 3e-36), (1e-39,) * 3, "made up")
    events = nugen_gan.read(data / "numu_Ar40_1k.root", hadrons=False)
    return events.with_(cross_section=sigma)


@pytest.fixture(scope="session")
def tiny_options():
    """So few steps of so small a network that training takes a second."""
    from nugen_gan.gan.networks import Architecture
    from nugen_gan.gan.options import TrainingOptions

    small = Architecture(width=16, blocks=1, latent=4, critic_width=16, critic_blocks=1)
    return TrainingOptions(steps=40, batch_size=128, seed=3, evaluate_every=10, architecture=small,
                           refiner_steps=20)  # fmt: skip


@pytest.fixture(scope="session")
def tiny_model(tiny_events, tiny_options):
    """A model that is quickly made and of no use but for tests."""
    from nugen_gan.training.train import train

    return train(tiny_events, options=tiny_options).with_(name="tiny")


@pytest.fixture
def run_script(monkeypatch, tmp_path, capsys):
    """Run a script of the repository in an empty folder; returns what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(script, *words):
        monkeypatch.syspath_prepend(str(script.parent))
        monkeypatch.setattr(sys, "argv", [str(script), *map(str, words)])
        runpy.run_path(str(script), run_name="__main__")
        return capsys.readouterr().out

    return run


@pytest.fixture(scope="session")
def carbon_sample(tmp_path_factory):
    """A file of the first 42,000 bundled events on carbon: just enough for MAP-3D."""
    import nugen_gan

    events = nugen_gan.read("numu_cc_C12_sample")[:42_000]
    return nugen_gan.write(events, tmp_path_factory.mktemp("carbon") / "carbon.table.root")
