"""The folder of a training under way: its log and its latest snapshot."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nugen_gan.errors import OutputError, UsageError
from nugen_gan.files import output_errors
from nugen_gan.gan.loop import Status
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.state import TrainState, read_snapshot
from nugen_gan.model import Model
from nugen_gan.model_folder import check_new_folder

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
        check_new_folder(output, overwrite=overwrite)
        folder = output.with_name(output.name + ".run")
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
        """Options of the interrupted training; steps, time limit and device may be new."""
        _, metadata = read_snapshot(self.folder / SNAPSHOT)
        record = json.loads(metadata["record"])
        if record["sample_sha256"] != digest:
            raise UsageError(
                f"the training in {self.folder} was on other events. Resume with the table it "
                "began with, or start anew with --overwrite."
            )
        stored = TrainingOptions.from_dict(record["options"])
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


def _cut_log(path: Path, step: int) -> None:
    """Drop lines after ``step``: they will be written again."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["step"] <= step]
    path.write_text("".join(kept), encoding="utf-8")
