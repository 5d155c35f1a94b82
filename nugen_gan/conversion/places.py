"""Which file the events of each process are written to."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from nugen_gan.adapters.base import Adapter
from nugen_gan.adapters.output import check_event_output
from nugen_gan.adapters.registry import adapters, get_adapter, writer_for
from nugen_gan.conversion.opening import PathLike
from nugen_gan.conversion.sample import Sample
from nugen_gan.errors import OutputError, UsageError
from nugen_gan.physics.cross_section import CrossSection
from nugen_gan.physics.process import Process
from nugen_gan.storage.atomic import is_stream, refuse_inputs

__all__ = ["find_places", "find_writer", "refuse_outputs"]

DEFAULT_WRITER = "table"


def refuse_outputs(
    output: PathLike | None, inputs: Sequence[Path], cross_section: CrossSection | PathLike | None
) -> None:
    """The output may be no input, and no companion of one."""
    if output is not None and not is_stream(output):
        companion = [cross_section] if isinstance(cross_section, (str, os.PathLike)) else []
        refuse_inputs(output, [*inputs, *companion])


def find_writer(output: PathLike | None, output_format: str | None, overwrite: bool) -> Adapter:
    """Choose the writer before anything is read, so that mistakes show at once."""
    if output is not None and str(output).endswith(("/", os.sep)) and not Path(output).exists():
        raise OutputError(f"cannot write into {output}: there is no such folder. Create it first.")
    if output is None or Path(output).is_dir():
        return writer_for("", output_format) if output_format else get_adapter(DEFAULT_WRITER)
    return check_event_output(Path(output), output_format, overwrite=overwrite)


def find_places(
    sample: Sample, picked: Sequence[Process], output: PathLike | None, writer: Adapter
) -> dict[Process, Path]:
    """Name the output file of each process."""
    if output is not None and not Path(output).is_dir():
        if len(picked) > 1:
            raise UsageError(
                f"{output} names one file, but {len(picked)} processes were found or picked: "
                f"{sample.listing(picked)}. Pick one with --probe and --target, give a folder "
                "instead, or leave the output out for a file of each."
            )
        places = {picked[0]: Path(output)}
    else:
        folder, stem = Path(output or "."), _stem(sample.paths[0])
        names = [stem if len(picked) == 1 else f"{stem}.{process.name}" for process in picked]
        places = {
            process: folder / (name + writer.suffixes[0])
            for process, name in zip(picked, names, strict=True)
        }
    return places


def _stem(path: Path) -> str:
    """Name of a file without the longest suffix that some format has."""
    suffixes = [s for a in adapters().values() for s in a.suffixes if path.name.endswith(s)]
    longest = max(suffixes, key=len, default=path.suffix)
    return path.name.removesuffix(longest) or path.name
