"""The command ``nugen-gan``: finds its verbs, and turns errors into one paragraph.

A verb's module is imported only when that verb runs, so that ``nugen-gan --help`` answers at
once on a login node.
"""

from __future__ import annotations

import os
import sys
import textwrap
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from nugen_gan import __version__
from nugen_gan.errors import NugenError, PoorModelWarning

__all__ = ["cli", "main"]

# Threads of torch that wait for each other sleep instead of spinning: on a login node whose cores
# are all busy this is nine times as fast, on an idle one a tenth to a quarter slower.  Read as
# torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# verb -> what it does, in the order of a first session
VERBS = {
    "convert": "Read a generator's file, write an event table.",
    "train": "Train a model on an event table.",
    "finetune": "Carry a model over to another target, probe or generator, with few events.",
    "scan": "Find out how many layers to freeze in a fine-tuning.",
    "generate": "Generate events with a model.",
    "validate": "Compare a model with reference events: metrics, figures, a page.",
    "xsec": "Write the cross section sigma(E) of a model or of events.",
    "info": "Say what an event file or a model is.",
    "check": "Check a NuHepMC file against the conventions of NuHepMC 1.0.",
    "models": "List the bundled models.",
    "formats": "List the dialects that can be read and written.",
}

CITATION = """\
J. L. Bonilla, K. M. Graczyk, A. M. Ankowski, R. D. Banerjee, B. E. Kowal, H. Prasad,
J. T. Sobczyk, Transfer Learning for Neutrino Scattering: Domain Adaptation with GANs,
Phys. Rev. D 113, 053001 (2026), arXiv:2508.12987

J. L. Bonilla et al., Generative adversarial neural networks for simulating neutrino
interactions, arXiv:2502.20244"""


class _Verbs(click.Group):
    """A group whose commands live in one module each, imported when used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = import_module(f"nugen_gan.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def _cite(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(CITATION)
        ctx.exit()


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nugen-gan")
@click.option(
    "--cite", is_flag=True, is_eager=True, expose_value=False, callback=_cite,
    help="Show the papers to cite and exit.",
)  # fmt: skip
def cli() -> None:
    """Learn a neutrino event generator from its own files, then replace it.

    A first session:

    \b
      nugen-gan convert nuwro.root                  # -> nuwro.table.root
      nugen-gan train nuwro.table.root -o my_model
      nugen-gan generate my_model -n 100000 --energy 1
      nugen-gan validate my_model nuwro.table.root

    \b
    With few events, begin with a model of another target, probe or generator:

    \b
      nugen-gan finetune --target Ar                # bundled events; -> numu_cc_Ar40_model
      nugen-gan finetune few.table.root --base my_model

    Energies are in GeV, cross sections in cm2 per nucleus.
    """


def main() -> None:
    """Run the command line; exit with 0, 1 (failed), 2 (wrong usage) or 130 (Ctrl-C)."""
    try:
        with _noted_warnings():
            code = cli.main(prog_name="nugen-gan", standalone_mode=False)
    except NugenError as error:
        _complain(str(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("nugen-gan: interrupted", err=True)
        sys.exit(130)
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does: nothing is wrong.
        sys.stderr.close()
        sys.exit(0)
    sys.exit(code if isinstance(code, int) else 0)


@contextmanager
def _noted_warnings() -> Iterator[None]:
    """Show warnings about models as notes, each text once; others as Python shows them."""
    shown: set[str] = set()

    def note(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if not issubclass(category, PoorModelWarning):
            usual(message, category, *where, **more)
        elif str(message) not in shown:
            shown.add(str(message))
            click.echo(f"note: {message}", err=True)

    with warnings.catch_warnings():
        usual = warnings.showwarning
        warnings.simplefilter("always", PoorModelWarning)
        warnings.showwarning = note
        yield


def _complain(message: str) -> None:
    """Print one paragraph; paths stay whole, so that they can be copied."""
    text = textwrap.fill(
        f"nugen-gan: error: {message}", 100, break_long_words=False, break_on_hyphens=False
    )
    click.echo(text, err=True)
