import click
import pytest

from nugen_gan.cli.parameters import Count, OutputFile


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("100000", 100_000), ("100_000", 100_000), ("100,000", 100_000), ("1e5", 100_000),
        ("1E+5", 100_000), ("100k", 100_000), ("100K", 100_000), ("1M", 1_000_000),
        ("1.5M", 1_500_000), ("2.5e3", 2500), ("1.0", 1), (" 7 ", 7), ("2G", 2_000_000_000),
        ("123456789012345678", 123456789012345678),
    ],
)  # fmt: skip
def test_whole_numbers(text, number):
    assert Count(1).convert(text, None, None) == number


@pytest.mark.parametrize(
    "text", ["1.5", "1.0001k", "1e-3", "1m", "k", "", "1,00", "1,5", "nan", "inf", "0x10", "1e999",
             "1 000", "1__0"],
)  # fmt: skip
def test_no_whole_numbers(text):
    with pytest.raises(click.BadParameter, match="is not a whole number, such as 100000"):
        Count(1).convert(text, None, None)


@pytest.mark.parametrize("text", ["0", "-5", "-1k"])
def test_too_small(text):
    with pytest.raises(click.BadParameter, match="x>=1"):
        Count(1).convert(text, None, None)


def test_a_slash_at_the_end_is_a_folder():
    assert OutputFile().convert("a/b", None, None) == "a/b"
    with pytest.raises(click.BadParameter, match="names a folder"):
        OutputFile().convert("a/b/", None, None)
