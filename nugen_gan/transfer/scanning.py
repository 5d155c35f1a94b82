"""How deep to freeze: the same fine-tuning once for each number of frozen layers.

Every depth learns from the same events and is measured on the same others, which none has seen.
The chance in the latter is common to all depths, so that depths differ by less than their errors,
unless they differ in earnest.
"""

from __future__ import annotations

import copy
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nugen_gan.density_ratio.fit import Progress
from nugen_gan.errors import UsageError
from nugen_gan.events.table import EventTable
from nugen_gan.gan.freezing import freeze, frozen_layers
from nugen_gan.gan.loop import Status
from nugen_gan.gan.sample import sample_digest, split_events, unweighted
from nugen_gan.model.model import Model, load_model
from nugen_gan.storage.atomic import atomic_path, check_writable, write_json
from nugen_gan.training.measure import Measure, measured
from nugen_gan.transfer.finetune import FinetuneOptions, check_transfer, finetune, replay_of
from nugen_gan.transfer.reweighting import Replay, adopted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = [
    "Scan",
    "ScanPoint",
    "base_on",
    "deepest",
    "frozen_at",
    "scan",
    "trainable_weights",
]

HELD_OUT = 0.2
# What a scan writes.
FILES = ("scan.json", "scan.png")


@dataclass(frozen=True, slots=True)
class ScanPoint:
    """One fine-tuning of a scan.

    Attributes
    ----------
    depth : frozen layers
    freeze_generator, freeze_critic : of each network; the critic's last layer is never frozen
    weights : numbers of weights of generator and critic that were trained
    pull, error : mean squared pull on events that no depth has seen
    seconds : of this fine-tuning
    """

    depth: int
    freeze_generator: int
    freeze_critic: int
    weights: tuple[int, int]
    pull: float
    error: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan found.

    Attributes
    ----------
    points : one for each depth
    base : the base as it is, measured on the same events
    untouched : a transfer that leaves the networks alone, the default of a fine-tuning
    base_name, process, events, sample_sha256 : what was fine-tuned on which events
    options : of every fine-tuning, but for the depth
    notes : what should be known
    command : what reproduces this scan
    """

    points: tuple[ScanPoint, ...]
    base: Measure
    base_name: str
    process: str
    events: int
    sample_sha256: str
    options: FinetuneOptions
    notes: tuple[str, ...] = ()
    command: str = ""
    untouched: Measure | None = None

    @property
    def best(self) -> ScanPoint:
        """The depth with the smallest mean squared pull."""
        return min(self.points, key=lambda point: point.pull)

    @property
    def as_good(self) -> tuple[int, ...]:
        """The depths within one error of the best, itself included."""
        return tuple(p.depth for p in self.points if p.pull <= self.best.pull + self.best.error)

    def headline(self) -> str:
        """One sentence on the best depth."""
        best = self.best
        others = [str(depth) for depth in self.as_good if depth != best.depth]
        text = f"best depth {best.depth}, mean squared pull {best.pull:.3f} +- {best.error:.3f}"
        if len(self.points) == 1:
            return text
        if not others:
            return f"{text}; no other is within its error"
        return f"{text}; within its error, as good: {', '.join(others)}"

    def as_dict(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        from nugen_gan._version import __version__

        return {
            "nugen_gan_version": __version__,
            "base": self.base_name,
            "process": self.process,
            "events": self.events,
            "sample_sha256": self.sample_sha256,
            "measured_on": self.base.events,
            "base_mean_squared_pull": self.base.pull,
            "untouched_mean_squared_pull": self.untouched.pull if self.untouched else None,
            "depths": [asdict(point) for point in self.points],
            "best": self.best.depth,
            "as_good": list(self.as_good),
            "headline": self.headline(),
            "options": asdict(self.options),
            "notes": list(self.notes),
            "command": self.command,
        }

    def figure(self) -> Figure:
        """Mean squared pull against depth; needs matplotlib."""
        return _figure(self)

    def write(self, folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Write ``scan.json`` and ``scan.png``; return the path of the latter.

        Raises
        ------
        OutputError
            if they exist (unless ``overwrite``) or cannot be written.
        MissingExtraError
            if matplotlib is not installed.
        """
        place = Path(folder)
        check_writable(place, FILES, overwrite=overwrite)
        figure = self.figure()
        write_json(place / "scan.json", self.as_dict())
        with atomic_path(place / "scan.png") as path:
            # Without a date and version in the file, equal figures are equal bytes.
            figure.savefig(path, format="png", dpi=120, metadata={"Software": None})
        return place / "scan.png"


def scan(
    events: EventTable,
    base: Model | str | os.PathLike[str] = "numu_cc_C12",
    depths: Iterable[int] = range(6),
    options: FinetuneOptions | None = None,
    *,
    held_out: float = HELD_OUT,
    callback: Callable[[Status], None] | None = None,
    notice: Callable[[str], None] | None = None,
    progress: Progress | None = None,
    finished: Callable[[ScanPoint], None] | None = None,
    command: str = "",
) -> Scan:
    """Fine-tune once for each freezing depth, all measured on the same unseen events.

    Parameters
    ----------
    events : charged-current events of one process, at least 125
    base : a model, its folder, or the name of a bundled one
    depths : numbers of frozen layers, of the generator and the critic alike
    options : of every fine-tuning; its depths and its replicas do not count
    held_out : fraction of the events that only measure
    callback, notice, progress : as for :func:`~nugen_gan.transfer.finetune.finetune`
    finished : called with each depth as it is done
    command : what asks for this scan on the command line

    Raises
    ------
    EmptySelectionError
        for too few events.
    UsageError
        if no depth is left.
    """
    options = replace(
        options or FinetuneOptions(),
        networks=True, ensemble=0, freeze_generator=0, freeze_critic=0,
    )  # fmt: skip
    base = base if isinstance(base, Model) else load_model(base)
    check_transfer(options, base, events)
    say = notice or (lambda text: None)
    allowed, notes = _allowed(base, depths)
    for text in notes:
        say(f"note: {text}")
    events = unweighted(events, options.seed)
    training, unseen = split_events(events, held_out, options.seed)
    points, replay = [], replay_of(training, base, options, progress) if options.replay else None
    heard = {"callback": callback, "notice": say, "progress": progress}
    for depth in allowed:
        say(f"depth {depth}")
        points.append(_point(training, unseen, base, depth, options, replay, heard))
        if finished is not None:
            finished(points[-1])
    return Scan(
        tuple(points), base_on(base, unseen, options.seed), base.name, events.process.name,
        len(events), sample_digest(events), options, tuple(notes), command,
        measured(replay.model(), unseen, options.seed) if replay else None,
    )  # fmt: skip


def deepest(base: Model) -> int:
    """Largest freezing depth: all layers of the generator."""
    return frozen_layers(base.generator)


def frozen_at(base: Model, depth: int) -> tuple[int, int]:
    """Frozen layers of generator and critic at a depth; the critic keeps its last layer free."""
    return depth, min(depth, frozen_layers(base.critic) - 1)


def trainable_weights(base: Model, generator: int, critic: int) -> tuple[int, int]:
    """Weights that are trained, with so many layers of generator and critic frozen."""
    counts = []
    for network, depth in ((base.generator, generator), (base.critic, critic)):
        trained = copy.deepcopy(network)
        freeze(trained, depth)
        counts.append(sum(w.numel() for w in trained.parameters() if w.requires_grad))
    # A critic without a generator to teach is not trained.
    return (counts[0], counts[1]) if counts[0] else (0, 0)


def base_on(base: Model, events: EventTable, seed: int) -> Measure:
    """Measure a base, as it is, on events of another process."""
    return measured(adopted(base, events), events, seed)


def _allowed(base: Model, depths: Iterable[int]) -> tuple[list[int], list[str]]:
    """The depths that the base has, in order, and a note of those that it has not."""
    most, wanted = deepest(base), sorted(set(depths))
    if not wanted or wanted[0] < 0 or wanted[0] > most:
        raise UsageError(
            f"freezing depths {', '.join(map(str, wanted)) or 'none'}: the base {base.name} allows "
            f"0 to {most}: the input layer, its residual blocks, the output layer"
        )
    dropped = [str(depth) for depth in wanted if depth > most]
    notes = [f"left out: {', '.join(dropped)} layers; the base has {most}"] if dropped else []
    return [depth for depth in wanted if depth <= most], notes


def _point(
    training: EventTable,
    unseen: EventTable,
    base: Model,
    depth: int,
    options: FinetuneOptions,
    replay: Replay | None,
    heard: dict[str, Any],
) -> ScanPoint:
    started = time.monotonic()
    generator, critic = frozen_at(base, depth)
    chosen = replace(options, freeze_generator=generator, freeze_critic=critic)
    model = finetune(training, base, options=chosen, replay=replay, **heard)
    seconds = round(time.monotonic() - started, 1)
    found = measured(model, unseen, options.seed)
    weights = trainable_weights(base, generator, critic)
    return ScanPoint(depth, generator, critic, weights, found.pull, found.error, seconds)


def _figure(found: Scan) -> Figure:
    from nugen_gan.validation.report.figures import BLACK, BLUE, STYLE, require_matplotlib

    require_matplotlib()
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(rc=STYLE):
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axis = figure.subplots()
        axis.axhline(1.0, color=BLACK, linestyle="--", linewidth=1.0, label="perfect model")
        if found.untouched is not None:
            axis.axhline(found.untouched.pull, color=BLUE, linestyle=":", linewidth=1.2,
                         label="networks left alone")  # fmt: skip
        axis.errorbar(*_columns(found.points), fmt="o", color=BLUE, capsize=2, label="fine-tuned")
        axis.plot(found.best.depth, found.best.pull, "o", color=BLUE, markersize=11,
                  fillstyle="none", label="best")  # fmt: skip
        axis.set_xticks([point.depth for point in found.points])
        axis.tick_params(axis="x", which="minor", bottom=False, top=False)
        axis.set_xlabel("frozen layers")
        axis.set_ylabel("mean squared pull on unseen events")
        axis.set_title(f"{found.base_name} to {found.process}, {found.events:,d} events; "
                       f"base alone {found.base.pull:.3g}")  # fmt: skip
        axis.set_ylim(bottom=0.0)
        axis.legend()
    return figure


def _columns(points: Sequence[ScanPoint]) -> tuple[list[int], list[float], list[float]]:
    return [p.depth for p in points], [p.pull for p in points], [p.error for p in points]
