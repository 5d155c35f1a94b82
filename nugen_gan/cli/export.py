"""``nugen-gan export``."""

from __future__ import annotations

from pathlib import Path

import click

from nugen_gan.cli.parameters import overwrite_option

__all__ = ["export"]


@click.command(context_settings={"show_default": True})
@click.argument("model")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="File to write.  [default: MODEL.onnx in the current folder]",
)
@overwrite_option
def export(model: str, output: Path | None, overwrite: bool) -> None:
    """Write the leptons of MODEL as an ONNX file, for programs in C++ and other languages.

    \b
      nugen-gan export numu_cc_C12 -o carbon.onnx

    Energies and random numbers go in, lepton energies, angles and channels come out; a JSON file
    beside it says what they are.  MODEL needs a fast sampler ('nugen-gan distil').
    """  # fmt: skip
    from nugen_gan.model.export import export_onnx

    output = output or Path(f"{Path(model).name}.onnx")
    written = export_onnx(model, output, overwrite=overwrite)
    click.echo(f"written        {written} and {written.name}.json")
