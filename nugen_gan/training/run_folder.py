"""The folder of a training under way: its log and its latest snapshot."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.errors import ModelError, OutputError, UsageError
from nugen_gan.model.folder import check_place
from nugen_gan.storage.atomic import output_errors

if TYPE_CHECKING:
    from nugen_gan.gan.loop import Status
    from nugen_gan.gan.options import TrainingOptions
    from nugen_gan.gan.state import TrainState
    from nugen_gan.model.model import Model

__all__ = ["RunFolder"]

SNAPSHOT, LOG = "snapshot.safetensors", "log.jsonl"


@dataclass(frozen=True, slots=True)
class RunFolder:
    """``<output>.run``, which becomes ``<output>/training`` in the end.

    Attributes
    ----------
    output : the model folder that the training is to write
    folder : where log and snapshot are until then
    """

    output: Path
    folder: Path

    @classmethod
    def open(cls, output: Path, *, resume: bool, overwrite: bool) -> RunFolder:
        """Check that training may start or continue; nothing is written yet."""
        check_place(output, overwrite=overwrite)
        folder = output.with_name(output.name + ".run")
        _check_own(folder)
        if resume and not (folder / SNAPSHOT).is_file():
            raise UsageError(
                f"nothing to resume: there is no {folder / SNAPSHOT}. Train without --resume."
            )
        if not resume and (folder / SNAPSHOT).is_file() and not overwrite:
            raise OutputError(
                f"{folder} holds an unfinished training of {output.name}. Continue it with "
                "--resume, or drop it with --overwrite."
            )
        return cls(output, folder)

    def stored_options(self, asked: TrainingOptions, digest: str) -> TrainingOptions:
        """Options of the interrupted training; steps, time limit and device may be new.

        Raises
        ------
        ModelError
            if what is stored cannot be read.
        UsageError
            if it was on other events, or with other options than those asked for.
        """
        from nugen_gan.gan.options import TrainingOptions
        from nugen_gan.gan.state import read_snapshot

        _, metadata = read_snapshot(self.folder / SNAPSHOT)
        try:
            record = json.loads(metadata["record"])
            known, stored = record["sample_sha256"], TrainingOptions.from_dict(record["options"])
        except (KeyError, TypeError, ValueError, RecursionError) as error:
            raise ModelError(
                f"the snapshot in {self.folder} does not say what it is of ({error}). Start anew "
                "with --overwrite."
            ) from error
        if known != digest:
            raise UsageError(
                f"the training in {self.folder} was on other events. Resume with the table it "
                "began with, or start anew with --overwrite."
            )
        changed = _changed(stored, asked, TrainingOptions())
        if changed:
            raise UsageError(
                f"the training in {self.folder} was begun with other options: {changed}. Leave "
                "these out to resume it, or start anew with --overwrite."
            )
        return replace(
            stored,
            steps=asked.steps or stored.steps,
            time_limit=asked.time_limit or stored.time_limit,
            device=asked.device,
        )

    def begin(self, state: TrainState, *, resume: bool) -> None:
        """Make the folder anew, or restore the state that it holds."""
        if resume:
            state.load(self.folder / SNAPSHOT)
            _cut_log(self.folder / LOG, state.progress.step)
            return
        with output_errors(self.output):
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir()

    def save(self, state: TrainState, record: Mapping[str, Any]) -> None:
        """Write the snapshot, with what identifies the training beside it."""
        state.save(self.folder / SNAPSHOT, dict(record))

    def abandon(self) -> None:
        """Remove the folder unless it holds a snapshot to continue from."""
        if not (self.folder / SNAPSHOT).is_file():
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self, status: Status) -> None:
        """Append a line to the log."""
        with output_errors(self.folder / LOG), open(self.folder / LOG, "a", encoding="utf-8") as f:
            f.write(status.as_line())

    def finish(self, model: Model, *, overwrite: bool) -> Model:
        """Write the model folder, keep log and snapshot in it, remove the run folder."""
        model = model.with_(name=self.output.name)
        model.save(self.output, overwrite=overwrite)
        with output_errors(self.output):
            self.folder.replace(self.output / "training")
        return model


def _check_own(folder: Path) -> None:
    """Raise OutputError if the folder holds what no training left there: it would be removed."""
    with output_errors(folder):
        if not folder.exists() and not folder.is_symlink():
            return
        names = [path.name for path in folder.iterdir()]
    others = [n for n in names if n not in (SNAPSHOT, LOG) and not n.startswith(".partial-")]
    if others or folder.is_symlink():
        raise OutputError(
            f"{folder} exists and is not the folder of a training: it is left alone. Move it away, "
            "or choose another name for the model."
        )


def _changed(stored: TrainingOptions, asked: TrainingOptions, default: TrainingOptions) -> str:
    """Say which options were asked for that are not those stored; only what is no default is."""
    free = ("steps", "time_limit", "device")
    names = [field.name for field in fields(stored) if field.name not in free]
    values = [(name, *(getattr(o, name) for o in (stored, asked, default))) for name in names]
    return ", ".join(
        f"{name} {known}, not {wanted}"
        for name, known, wanted, usual in values
        if wanted not in (usual, known)
    )


def _cut_log(path: Path, step: int) -> None:
    """Drop lines after ``step``: they will be written again."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    kept = [line for line in lines if _step(line) <= step]
    path.write_text("".join(kept), encoding="utf-8")


def _step(line: str) -> float:
    """The step that a line of the log is of; one that cannot be read is of none that counts."""
    try:
        return float(json.loads(line)["step"])
    except (KeyError, TypeError, ValueError, RecursionError):
        return math.inf
