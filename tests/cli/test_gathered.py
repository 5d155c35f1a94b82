from dataclasses import dataclass

import click
from click.testing import CliRunner

from nugen_gan.cli.gathered import gathered


@dataclass(frozen=True)
class Size:
    width: int
    blocks: int


size_options = gathered(
    "size",
    Size,
    click.option("--width", type=int, default=128, help="Units."),
    click.option("--blocks", type=int, default=3, help="Blocks."),
)


@click.command()
@click.option("--first", is_flag=True)
@size_options
@click.option("--last", is_flag=True)
def verb(first: bool, size: Size, last: bool) -> None:
    """Say what was given."""
    click.echo(f"{first} {size} {last}")


def test_options_come_as_one_object():
    result = CliRunner().invoke(verb, ["--blocks", "2", "--last"])
    assert result.output == "False Size(width=128, blocks=2) True\n"


def test_help_has_them_in_their_order():
    assert [option.name for option in verb.params] == ["first", "width", "blocks", "last"]
    assert verb.help == "Say what was given."
