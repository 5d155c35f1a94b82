"""The exported graph makes the same events as the sampler."""

import json
import sys

import numpy as np
import pytest

from nugen_gan.errors import OutputError, UsageError
from nugen_gan.lepton.onnx_graph import OPSET, onnx_model
from nugen_gan.lepton.tables import NUMBERS
from nugen_gan.model.export import export_onnx


@pytest.fixture(scope="module")
def runtime():
    return pytest.importorskip("onnxruntime")


def _run(runtime, graph, enu, uniform):
    session = runtime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    return session.run(
        ["elep", "costheta", "channel"], {"enu": enu.astype(np.float32), "uniform": uniform}
    )


def test_the_same_events(runtime, toy_lepton):
    random = np.random.default_rng(1)
    enu = np.exp(random.uniform(np.log(0.2), np.log(20.0), 50_000)).astype(np.float32)
    uniform = random.random((NUMBERS, 50_000))
    graph = onnx_model(toy_lepton, "toy").SerializeToString()
    elep, costheta, channel = _run(runtime, graph, enu, uniform)
    wanted = toy_lepton.sample(enu.astype(np.float64), uniform)
    np.testing.assert_allclose(elep, wanted[0], rtol=2e-5)
    np.testing.assert_allclose(costheta, wanted[1], atol=2e-4)
    # A number on the edge of two channels may fall to either side.
    assert (channel != wanted[2]).mean() < 1e-4
    assert ((elep >= toy_lepton.mass * (1 - 1e-9)) & (elep <= enu)).all()


def test_the_file_of_a_bundled_model(runtime, tmp_path):
    path = export_onnx("numu_cc_C12", tmp_path / "carbon.onnx")
    told = json.loads((tmp_path / "carbon.onnx.json").read_text("utf-8"))
    assert told["opset"] == OPSET <= 17
    assert told["energy_range_GeV"] == [0.2, 20.0]
    assert told["channels"]["QE"] == 200
    random = np.random.default_rng(2)
    found = _run(runtime, str(path), np.full(1000, 1.0), random.random((NUMBERS, 1000)))
    assert 0.4 < (found[2] == 200).mean() < 0.8
    with pytest.raises(OutputError, match="exists"):
        export_onnx("numu_cc_C12", path)


def test_what_cannot_be_exported(tiny_model, tmp_path, monkeypatch, toy_lepton):
    with pytest.raises(UsageError, match="nugen-gan distil"):
        export_onnx(tiny_model, tmp_path / "a.onnx")
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(UsageError, match=r"nugen-gan\[onnx\]"):
        onnx_model(toy_lepton, "toy")
