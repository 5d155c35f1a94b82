"""Functions of x are parsed and computed, and never executed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nugen_gan_genie.expression import Expression

from nugen_gan.errors import UsageError

X = np.array([0.25, 1.0, 3.0])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("x*exp(-x)", X * np.exp(-X)),
        ("x*x*exp((-x*x+3)/4)", X * X * np.exp((-X * X + 3) / 4)),
        ("1", np.ones(3)),
        ("1/x", 1 / X),
        ("-x^2 + 20", -(X**2) + 20),
        ("2^3^2", np.full(3, 512.0)),
        ("2**-1", np.full(3, 0.5)),
        ("x - 1 - 1 + 2", X),
        ("8/4/2", np.ones(3)),
        ("pow(x, 2.5)", X**2.5),
        ("TMath::Exp(-x) + std::sqrt(x)", np.exp(-X) + np.sqrt(X)),
        ("TMath::Pi()*x", np.pi * X),
        ("(x > 0.5 && x <= 3) * x", [0.0, 1.0, 3.0]),
        ("(x<0.5)||(x==3)", [1.0, 0.0, 1.0]),
        ("max(x, 1) + min(x, 1)", X + 1),
        ("TMath::Gaus(x, 1, 0.5)", np.exp(-0.5 * ((X - 1) / 0.5) ** 2)),
        ("1e-2*.5e+2*x", 0.5 * X),
        ("+x--x", 2 * X),
    ],
)
def test_it_computes(text, values):
    np.testing.assert_allclose(Expression(text)(X), values, rtol=1e-12)


@pytest.mark.parametrize(
    "text",
    [
        "", "x*", "(x", "x)", "x x", "2x", "y", "[0]*x", "exp", "exp()", "exp(x, x)", "pow(x)",
        "__import__('os').system('ls')", "x.__class__", "lambda: x", "x; x", "x = 1", "exp(x",
        "open(x)", "eval(x)", "'x'", "(" * 60 + "x" + ")" * 60, "-" * 300 + "x", "x+" * 2000 + "x",
    ],
)  # fmt: skip
def test_all_else_is_refused(text):
    with pytest.raises(UsageError, match="function"):
        Expression(text)


@given(st.text(alphabet="x0123456789.+-*/^()<>&|= eplogqrt,", max_size=40))
def test_any_text_is_a_function_or_refused(text):
    try:
        values = Expression(text)(X)
    except UsageError:
        return
    assert values.shape == X.shape
