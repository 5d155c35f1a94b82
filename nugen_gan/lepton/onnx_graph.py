"""The fast sampler as an ONNX graph: for programs that know nothing of Python.

Inputs are ``enu`` [GeV], float32 of shape (N,), and ``uniform``, random numbers in [0, 1), double
of shape (3, N); outputs ``elep`` [GeV] and ``costheta``, double of shape (N,), and ``channel``,
int64 of shape (N,).  The graph does what :class:`nugen_gan.lepton.model.LeptonModel` does, step by
step: its tables are constants of the graph.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from nugen_gan.errors import UsageError
from nugen_gan.lepton.model import LeptonModel
from nugen_gan.lepton.tables import ENERGIES, FIRST, NUMBERS, REACH, SECOND
from nugen_gan.physics.kinematics import OMEGA_SCALE, Q2_SCALE

__all__ = ["OPSET", "onnx_model"]

# The newest that common versions of onnxruntime know.
OPSET, IR = 17, 8


class _Graph:
    """Nodes as they come; every method returns the name of what it computes."""

    def __init__(self, onnx: Any) -> None:
        self.onnx, self.nodes, self.constants = onnx, [], []  # type: ignore[var-annotated]

    def constant(self, value: Any, kind: type[Any]) -> str:
        array = np.asarray(value, kind)
        name = f"constant{len(self.constants)}"
        self.constants.append(self.onnx.numpy_helper.from_array(array, name))
        return name

    def op(self, kind: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        name = name or f"{kind.lower()}{len(self.nodes)}"
        node = self.onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes)
        self.nodes.append(node)
        return name

    def cast(self, x: str, kind: str) -> str:
        return self.op("Cast", x, to=getattr(self.onnx.TensorProto, kind))


class _Doubles:
    """Arithmetic in double precision on a graph."""

    def __init__(self, graph: _Graph) -> None:
        self.graph = graph

    def number(self, value: float | str) -> str:
        return value if isinstance(value, str) else self.graph.constant(value, np.float64)

    def __getattr__(self, kind: str) -> Any:
        return lambda *inputs: self.graph.op(kind, *map(self.number, inputs))


def onnx_model(lepton: LeptonModel, name: str) -> Any:
    """Return the fast sampler as an ``onnx.ModelProto``.

    Raises
    ------
    UsageError
        if the package onnx is not installed.
    """
    try:
        onnx: Any = import_module("onnx")
        import_module("onnx.numpy_helper")
    except ImportError as error:
        raise UsageError("to export needs onnx: pip install 'nugen-gan[onnx]'") from error
    graph = _Graph(onnx)
    enu = graph.cast("enu", "DOUBLE")
    place = _place(graph, enu, lepton.energy_range)
    channel = _channel(graph, place, lepton)
    first, second = _proxies(graph, place, channel, lepton)
    _decoded(graph, enu, first, second, lepton.mass)
    graph.op("Gather", graph.constant(lepton.channels, np.int64), channel, name="channel")
    of, make = onnx.TensorProto, onnx.helper.make_tensor_value_info
    body = onnx.helper.make_graph(
        graph.nodes, name,
        [make("enu", of.FLOAT, ["N"]), make("uniform", of.DOUBLE, [NUMBERS, "N"])],
        [make("elep", of.DOUBLE, ["N"]), make("costheta", of.DOUBLE, ["N"]),
         make("channel", of.INT64, ["N"])],
        graph.constants,
    )  # fmt: skip
    model = onnx.helper.make_model(
        body, opset_imports=[onnx.helper.make_opsetid("", OPSET)], producer_name="nugen-gan",
        ir_version=IR,
    )  # fmt: skip
    onnx.checker.check_model(model)
    return model


def _place(graph: _Graph, enu: str, energy_range: tuple[float, float]) -> str:
    """Where the energies lie in the range, single precision."""
    low, high = energy_range
    do = _Doubles(graph)
    width = np.log(high / low)
    if width <= 1e-9:
        return graph.cast(do.Mul(enu, 0.0), "FLOAT")
    return graph.cast(do.Clip(do.Div(do.Log(do.Div(enu, low)), width), 0.0, 1.0), "FLOAT")


def _row(graph: _Graph, number: int) -> str:
    """One row of the random numbers."""
    return graph.op("Gather", "uniform", graph.constant(number, np.int64), axis=0)


def _between(graph: _Graph, place: str, entries: int) -> tuple[str, str]:
    """As :func:`nugen_gan.lepton.tables._between`."""
    scaled = graph.op("Mul", place, graph.constant(entries - 1, np.float32))
    whole = graph.cast(scaled, "INT64")
    ends = (graph.constant(0, np.int64), graph.constant(entries - 2, np.int64))
    entry = graph.op("Clip", whole, *ends)
    return entry, graph.op("Sub", scaled, graph.cast(entry, "FLOAT"))


def _interpolated(graph: _Graph, table: str, at: str, strides: list[tuple[int, str]]) -> str:
    """As :func:`nugen_gan.lepton.tables._interpolated`."""
    if not strides:
        return graph.op("Gather", table, at)
    (stride, part), *rest = strides
    low = _interpolated(graph, table, at, rest)
    beyond = graph.op("Add", at, graph.constant(stride, np.int64))
    high = _interpolated(graph, table, beyond, rest)
    return graph.op("Add", low, graph.op("Mul", part, graph.op("Sub", high, low)))


def _channel(graph: _Graph, place: str, lepton: LeptonModel) -> str:
    """Number of the channel, from 0."""
    below = lepton.tables.below
    none = graph.cast(graph.op("Mul", place, graph.constant(0.0, np.float32)), "INT64")
    if not len(below):
        return none
    uniform = graph.cast(_row(graph, 0), "FLOAT")
    knot, part = _between(graph, place, below.shape[1])
    channel = none
    for row in below:
        edge = _interpolated(graph, graph.constant(row, np.float32), knot, [(1, part)])
        beyond = graph.cast(graph.op("GreaterOrEqual", uniform, edge), "INT64")
        channel = graph.op("Add", channel, beyond)
    return channel


def _logit(graph: _Graph, number: int) -> str:
    """Logits of a row of random numbers, scaled to lie between 0 and 1 in the tables."""
    do = _Doubles(graph)
    uniform = do.Max(_row(graph, number), 1e-12)
    odds = graph.cast(do.Div(uniform, do.Sub(1.0, uniform)), "FLOAT")
    shifted = graph.op("Add", graph.op("Log", odds), graph.constant(REACH, np.float32))
    return graph.op("Div", shifted, graph.constant(2.0 * REACH, np.float32))


def _proxies(graph: _Graph, place: str, channel: str, lepton: LeptonModel) -> tuple[str, str]:
    """Both proxies, double precision."""

    def whole(kind: str, one: str, number: int) -> str:
        return graph.op(kind, one, graph.constant(number, np.int64))

    tables = lepton.tables
    energy, over = _between(graph, place, ENERGIES)
    one, right = _between(graph, _logit(graph, 1), FIRST)
    two, up = _between(graph, _logit(graph, 2), SECOND)
    row = graph.op("Add", whole("Mul", channel, ENERGIES), energy)
    at = graph.op("Add", whole("Mul", row, FIRST), one)
    table = graph.constant(tables.first.ravel(), np.float32)
    first = _interpolated(graph, table, at, [(FIRST, over), (1, right)])
    table = graph.constant(tables.second.ravel(), np.float32)
    place2 = graph.op("Add", whole("Mul", at, SECOND), two)
    strides = [(FIRST * SECOND, over), (SECOND, right), (1, up)]
    second = _interpolated(graph, table, place2, strides)
    return graph.cast(first, "DOUBLE"), graph.cast(second, "DOUBLE")


def _decoded(graph: _Graph, enu: str, first: str, second: str, mass: float) -> None:
    """Lepton energy and angle: :func:`nugen_gan.physics.kinematics.decode`."""
    do = _Doubles(graph)
    kinetic_most = do.Sub(enu, mass)
    omega, kinetic = _opened(graph, first, kinetic_most, OMEGA_SCALE)
    momentum = do.Sqrt(do.Mul(kinetic, do.Add(kinetic, 2.0 * mass)))
    above, below = _opened(graph, second, do.Mul(4.0, do.Mul(enu, momentum)), Q2_SCALE)
    slow = graph.op("Less", kinetic, omega)
    graph.op("Where", slow, do.Add(kinetic, mass), do.Sub(enu, omega), name="elep")
    total = do.Add(above, below)
    some = graph.op("Greater", total, do.number(0.0))
    safe = graph.op("Where", some, total, do.number(1.0))
    forward = do.Sub(1.0, do.Div(do.Mul(2.0, above), safe))
    backward = do.Sub(do.Div(do.Mul(2.0, below), safe), 1.0)
    graph.op("Where", graph.op("Less", above, below), forward, backward, name="costheta")


def _opened(graph: _Graph, proxy: str, width: str, scale: float) -> tuple[str, str]:
    """As :func:`nugen_gan.physics.kinematics._open`, with exp(x) - 1 for expm1."""
    do = _Doubles(graph)
    log_width = do.Log(do.Add(1.0, do.Div(width, scale)))
    share, rest = do.Sigmoid(proxy), do.Sigmoid(do.Neg(proxy))
    low = do.Mul(scale, do.Sub(do.Exp(do.Mul(log_width, share)), 1.0))
    left = do.Sub(1.0, do.Exp(do.Neg(do.Mul(log_width, rest))))
    high = do.Mul(do.Add(width, scale), left)
    small = graph.op("Less", low, high)
    return (
        graph.op("Where", small, low, do.Sub(width, high)),
        graph.op("Where", small, do.Sub(width, low), high),
    )
