"""The command ``nugen-gan``: finds its verbs, and turns errors into one paragraph.

A verb's module is imported only when that verb runs, so that ``nugen-gan --help`` answers at
once on a login node.
"""

from __future__ import annotations

import io
import os
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from nugen_gan import stopping
from nugen_gan._version import __version__
from nugen_gan.cli.noted import noted_warnings
from nugen_gan.cli.progress import be_quiet
from nugen_gan.errors import NugenError

__all__ = ["cli", "main"]

# Threads of torch that wait for each other sleep instead of spinning: on a login node whose cores
# are all busy this is nine times as fast, on an idle one a tenth to a quarter slower.  Read as
# torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# The products of numpy here are too small to be shared among cores; where these are busy, threads
# that wait for each other make them several times slower.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# verb -> what it does, in the order of a first session
VERBS = {
    "convert": "Read a generator's file, write an event table.",
    "train": "Train a model on an event table.",
    "finetune": "Carry a model over to another target, probe or generator, with few events.",
    "distil": "Make a model a hundred times as fast.",
    "generate": "Generate events with a model.",
    "validate": "Compare a model with reference events: metrics, figures, a page.",
    "xsec": "Write the cross section sigma(E) of a model or of events.",
    "export": "Write a model as an ONNX file, for programs in C++.",
    "info": "Say what an event file or a model is.",
    "check": "Check a NuHepMC file against the conventions of NuHepMC 1.0.",
    "models": "List the bundled models.",
    "formats": "List the file formats that can be read and written.",
}

# Verbs that show how far they are.
SHOWING = ("convert", "train", "finetune", "distil", "generate", "validate", "info")
# What other programs call some verbs.
OTHER_NAMES = {"sample": "generate", "run": "generate", "compare": "validate", "list": "models",
               "show": "info", "transfer": "finetune", "distill": "distil",
               "splines": "xsec"}  # fmt: skip

CITATION = """\
J. L. Bonilla, K. M. Graczyk, A. M. Ankowski, R. D. Banerjee, B. E. Kowal, H. Prasad,
J. T. Sobczyk, Transfer Learning for Neutrino Scattering: Domain Adaptation with GANs,
Phys. Rev. D 113, 053001 (2026), arXiv:2508.12987

J. L. Bonilla et al., Generative adversarial neural networks for simulating neutrino
interactions, arXiv:2502.20244"""


class _PastClick(Exception):  # noqa: N818
    """Carries what click would turn into an exit code of its own."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


@contextmanager
def _past_click() -> Iterator[None]:
    try:
        yield
    except (KeyboardInterrupt, BrokenPipeError) as error:
        raise _PastClick(error) from error


class _Verbs(click.Group):
    """A group whose commands live in one module each, imported when used."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        with _past_click():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        with _past_click():
            return super().invoke(ctx)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            ctx.fail(f"no such command {name!r}. {_advice(name)}")
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        module = import_module(f"nugen_gan.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        if cmd_name in SHOWING and not any(p.name == "quiet" for p in command.params):
            command.params.append(_quiet_option())
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def _quiet_option() -> click.Option:
    return click.Option(
        ["-q", "--quiet"], is_flag=True, expose_value=False, callback=be_quiet,
        help="Show no progress.",
    )  # fmt: skip


def _advice(name: str) -> str:
    """What somebody may have meant who gave a word that is no verb."""
    near = get_close_matches(name.lower(), [*VERBS, *OTHER_NAMES], n=2, cutoff=0.6)
    meant = list(dict.fromkeys(OTHER_NAMES.get(word, word) for word in near))
    if meant:
        return f"Did you mean {' or '.join(meant)}?"
    if Path(name).exists():
        return f"Say first what to do with it, such as: nugen-gan info {name}"
    return f"There are: {', '.join(VERBS)}."


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
@click.option(
    "-q", "--quiet", is_flag=True, expose_value=False, callback=be_quiet,
    help="Show no progress.",
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
    """Run the command line, and exit.

    With 0, 1 (failed), 2 (wrong usage), 130 (Ctrl-C), 128 and the number of the signal that
    stopped it, or 141 where the reader of its output has gone.
    """
    _fill_standard_streams()
    with stopping.raised():
        code = _run()
    sys.exit(code)


def _run() -> int:
    try:
        with noted_warnings():
            code = cli.main(prog_name="nugen-gan", standalone_mode=False)
        if sys.stdout is not None:
            sys.stdout.flush()
    except NugenError as error:
        _complain(str(error))
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except _PastClick as passed:
        return _end(passed.error)
    except KeyboardInterrupt as error:
        return _end(error)
    except click.Abort:
        click.echo("nugen-gan: interrupted", err=True)
        return 130
    except OSError as error:
        return _end(error)
    return code if isinstance(code, int) else 0


def _end(error: BaseException) -> int:
    """Say why it ended, in a line; return the exit code."""
    if isinstance(error, BrokenPipeError):
        # The reader of our output has gone, as `| head` does: there is nobody to tell.
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.close()
        return 141
    if isinstance(error, OSError):
        _complain(f"{error.filename or 'standard output'}: {error.strerror or error}")
        return 1
    notes = "; ".join(getattr(error, "__notes__", ()))
    if isinstance(error, stopping.Stopped):
        _complain(f"stopped by {error.name}: {notes or 'nothing was written'}", kind="")
        return error.exit_code
    _complain("interrupted" + (f": {notes}" if notes else ""), kind="")
    return 130


def _fill_standard_streams() -> None:
    """Open what the caller has closed, so that no file of ours gets one of these numbers."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    # A name of a file need not be text: its bytes come out as they went in.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _complain(message: str, kind: str = "error: ") -> None:
    """Print one paragraph; paths stay whole, so that they can be copied."""
    text = textwrap.fill(
        f"nugen-gan: {kind}{message}", 100, break_long_words=False, break_on_hyphens=False
    )
    click.echo(text, err=True)
