"""What transfer learning is worth: methods against each other, case by case and size by size.

    python examples/studies/transfer_study.py TABLES -o study

TABLES is a folder of event tables: for each case <stem>_<size>.root to train on, <stem>_val.root
to measure on and, where known, <stem>_xsec.txt; and numu_C12_train.root, which the base flow
learns from.  Each case, size and method gets a folder study/<case>_<size>_<method> with its
result.json; what has one is skipped, so that an interrupted study continues when run again.  In
the end all results present are printed as a Markdown table and drawn into study/figures.

    transfer       the bundled model, fine-tuned with the defaults
    quick          the same with 200 steps for each member of the ratio
    networks       its networks trained on the new events alone, the way of arXiv:2508.12987
    scratch        the same network, trained from scratch
    base           the bundled model as it is; has no size, and stands in <case>_0_base
    resampled      the training events themselves, used as a generator
    flow           a normalising flow (flow_baseline.py), trained from scratch
    flow-transfer  that flow, trained on the base sample first

Needs the extra "report", and for the flows `pip install zuko`.
"""

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import transfer_figures

import nugen_gan
from nugen_gan.events.table import EventTable
from nugen_gan.gan.options import TrainingOptions
from nugen_gan.gan.sample import split_events
from nugen_gan.monitor import Silent
from nugen_gan.physics.kinematics import decode
from nugen_gan.physics.process import Process
from nugen_gan.storage.atomic import atomic_path
from nugen_gan.transfer.finetune import FinetuneOptions, finetune
from nugen_gan.validation.measure import ranges_within
from nugen_gan.validation.metrics.binning import Binning
from nugen_gan.validation.metrics.c2st import C2st, c2st
from nugen_gan.validation.metrics.emd import emd_ratios
from nugen_gan.validation.metrics.equivalent import equivalent_sample_size
from nugen_gan.validation.metrics.map3d import Floor, map3d, map3d_floor

if TYPE_CHECKING:
    from flow_baseline import FlowModel, FlowOptions

BASE = "numu_cc_C12"
BASE_TABLE = "numu_C12_train.root"
STEMS = {
    "Ar40": "numu_Ar40",
    "numubar": "numubar_C12",
    "alt": "numu_C12_alt",
    "genie": "numu_C12_genie",
}
SIZES = ("1k", "10k", "40k", "100k")
# Generated events for each reference event in n_eq: more of them see a smaller bias.
COPIES = 2
# Training events that "resampled" chooses from at an energy.
NEIGHBOURS = 20
FINETUNE_FLOW_RATE = 1.5e-4
QUICK_STEPS = 200

History = list[list[float]]
GANS = ("transfer", "networks", "scratch")


@dataclass(frozen=True)
class Case:
    """One transfer: its tables, read when first needed.

    Attributes
    ----------
    name : short name of the case
    tables : folder of the tables
    """

    name: str
    tables: Path

    def path(self, ending: str) -> Path:
        """One of the files of this case."""
        return self.tables / f"{STEMS[self.name]}_{ending}"

    def events(self, size: str) -> EventTable:
        """Events to train on."""
        sigma = self.path("xsec.txt")
        return nugen_gan.read(
            self.path(f"{size}.root"), cross_section=sigma if sigma.exists() else None
        )

    @cached_property
    def reference(self) -> EventTable:
        """Events to measure on."""
        return nugen_gan.read(self.path("val.root"))

    @cached_property
    def binning(self) -> Binning:
        """Histogram of MAP-3D, the same for all methods."""
        return Binning.standard(self.reference.energy_range())

    @cached_property
    def floor(self) -> Floor:
        """What chance alone gives: every sample here shares the energies of the reference."""
        return map3d_floor(self.reference, binning=self.binning, shared_energies=True)


@dataclass(frozen=True)
class Job:
    """One case, size and method.

    Attributes
    ----------
    case, size, method : what to do; size "0" for the base, which is not trained
    study : folder of all results
    seed : of the training and of the generated events
    flow_seconds : time limit of the training of a flow
    """

    case: Case
    size: str
    method: str
    study: Path
    seed: int
    flow_seconds: float

    @property
    def folder(self) -> Path:
        """Where everything of this job goes."""
        return self.study / f"{self.case.name}_{self.size}_{self.method}"

    @cached_property
    def events(self) -> EventTable:
        """Events to train on."""
        return self.case.events(self.size)

    def flow_options(self, **changes: Any) -> "FlowOptions":
        """Options of every flow."""
        from flow_baseline import FlowOptions  # needs zuko, which the other methods do not

        return FlowOptions(time_limit=self.flow_seconds, seed=self.seed, **changes)


@dataclass
class Trained:
    """What a method gives: something with ``sample``, and how it came about.

    Attributes
    ----------
    model : makes one event at each energy
    history : [seconds, epochs, quality on held-out events] as training went on
    held_out : quality on held-out events in the end, where known
    """

    model: Any
    history: History = field(default_factory=list)
    held_out: float | None = None


@dataclass(frozen=True)
class Resampled:
    """Training events as a generator: how far one comes without a model.

    At each energy it takes the proxies of a random one among the training events nearest in log
    energy and decodes them there, so that edges of phase space stay where they belong.  Its n_eq
    is about the number of training events: the yardstick for the amplification of the others.
    """

    process: Process
    log_enu: np.ndarray
    proxies: np.ndarray

    @classmethod
    def of(cls, events: EventTable) -> "Resampled":
        """Keep the training events in the order of their energy."""
        ordered = events[np.argsort(events.enu)]
        return cls(events.process, np.log(ordered.enu), ordered.proxies())

    def sample(self, enu: np.ndarray, *, seed: int, allow_extrapolation: bool = True) -> EventTable:
        """One event at each energy [GeV]."""
        last = len(self.log_enu) - NEIGHBOURS
        first = np.clip(np.searchsorted(self.log_enu, np.log(enu)) - NEIGHBOURS // 2, 0, last)
        chosen = first + np.random.default_rng(seed).integers(0, NEIGHBOURS, len(enu))
        proxy1, proxy2 = self.proxies[chosen].T
        elep, costheta = decode(enu, proxy1, proxy2, self.process.lepton_mass)
        channel = np.zeros(len(enu), np.int16)  # not compared
        return EventTable(self.process, enu, elep, costheta, channel, np.ones(len(enu)))


def scratch(job: Job) -> Trained:
    """Train the GAN from scratch."""
    options = TrainingOptions(seed=job.seed)
    return _gan(job, lambda **rest: nugen_gan.train(job.events, options=options, **rest))


def transfer(job: Job) -> Trained:
    """Fine-tune the bundled model."""
    return _finetuned(job, FinetuneOptions(seed=job.seed))


def quick(job: Job) -> Trained:
    """Fine-tune the bundled model in a hurry."""
    return _finetuned(job, FinetuneOptions(refiner_steps=QUICK_STEPS, seed=job.seed))


def networks(job: Job) -> Trained:
    """Train the networks of the bundled model on the new events alone."""
    return _finetuned(job, FinetuneOptions(networks=True, seed=job.seed))


def _finetuned(job: Job, options: FinetuneOptions) -> Trained:
    return _gan(job, lambda **rest: finetune(job.events, BASE, options=options, **rest))


def _gan(job: Job, run: Callable[..., nugen_gan.Model]) -> Trained:
    """Train a GAN into the folder of a job, listening."""
    heard = _Pulls()
    events = job.events
    # Overwrite what an interrupted study left: without a result it is not known to be whole.
    model = run(output=job.folder / "model", overwrite=True, monitor=heard)
    options = model.training["options"]
    # In epochs of the case's own events, whatever else a method shows to the networks.
    training = len(split_events(events, options["held_out"], job.seed)[0])
    passes = (options.get("batch_size") or 0) / training
    return Trained(
        model,
        [[seconds, step * passes, pull] for seconds, step, pull in heard.pulls],
        model.metrics["held_out_mean_squared_pull"],
    )


class _Pulls(Silent):
    """Remembers seconds, step and mean squared pull of each evaluation."""

    def __init__(self) -> None:
        self.pulls: list[tuple[float, float, float]] = []
        # Not the elapsed time of the loop: what a method does before it counts too.
        self._began = time.monotonic()

    def advanced(self, done: float, **figures: float) -> None:
        """Take the figures after a step of the networks."""
        if "pull" in figures:
            self.pulls.append((time.monotonic() - self._began, figures["step"], figures["pull"]))


def base(job: Job) -> Trained:
    """Take the bundled model as it is, with the probe and target of the case."""
    # Its energy range stays: it is part of what the networks see.
    return Trained(nugen_gan.load_model(BASE).with_(process=job.case.reference.process))


def resampled(job: Job) -> Trained:
    """Use the training events as a generator."""
    return Trained(Resampled.of(job.events))


def flow(job: Job) -> Trained:
    """Train a flow from scratch."""
    from flow_baseline import train_flow

    model, history = train_flow(job.events, job.events.energy_range(), job.flow_options())
    model.save(job.folder / "flow.safetensors")
    return Trained(model, history)


def flow_transfer(job: Job) -> Trained:
    """Fine-tune the base flow."""
    from flow_baseline import finetune_flow

    options = job.flow_options(learning_rate=FINETUNE_FLOW_RATE)
    model, history = finetune_flow(base_flow(job), job.events, options)
    model.save(job.folder / "flow.safetensors")
    return Trained(model, history)


def base_flow(job: Job) -> "FlowModel":
    """Flow trained on the base sample, once for the whole study."""
    from flow_baseline import FlowModel, train_flow

    path = job.study / "base_flow.safetensors"
    if not path.exists():
        print("training the base flow", flush=True)
        events = nugen_gan.read(job.case.tables / BASE_TABLE)
        # More steps than there is time for: the time limit is what anneals it.
        options = job.flow_options(steps=20_000, batch_size=1024, patience=1.0)
        model, _ = train_flow(events, events.energy_range(), options)
        model.save(path)
    return FlowModel.load(path)


METHODS: dict[str, Callable[[Job], Trained]] = {
    "transfer": transfer,
    "quick": quick,
    "networks": networks,
    "scratch": scratch,
    "base": base,
    "resampled": resampled,
    "flow": flow,
    "flow-transfer": flow_transfer,
}


def carry_out(job: Job, *, classifier: bool) -> None:
    """Train, measure, and write result.json last."""
    job.folder.mkdir(parents=True, exist_ok=True)
    if job.method == "flow-transfer":
        base_flow(job)  # not part of the time of the transfer
    events = len(job.events) if job.size != "0" else 0
    started = time.monotonic()
    trained = METHODS[job.method](job)
    seconds = time.monotonic() - started
    result = {
        "case": job.case.name, "size": job.size, "method": job.method, "events": events,
        "seed": job.seed, "seconds": round(seconds, 2),
        **measure(trained.model, job.case, events, job.seed, classifier=classifier),
        "history": trained.history,
        "held_out": trained.held_out,
    }  # fmt: skip
    with atomic_path(job.folder / "result.json") as temporary:
        temporary.write_text(json.dumps(result, indent=1, allow_nan=False), encoding="utf-8")


def measure(model: Any, case: Case, events: int, seed: int, *, classifier: bool) -> dict[str, Any]:
    """All metrics of a model, as plain values."""
    reference, energies = case.reference, case.reference.energy_range()
    # A small sample may begin a little above the lowest energy of the reference.
    many = model.sample(np.tile(reference.enu, COPIES), seed=seed, allow_extrapolation=True)
    generated = many[: len(reference)]
    pull = map3d(reference, generated, binning=case.binning, floor=case.floor, seed=seed)
    size = equivalent_sample_size(
        map3d(reference, many, binning=case.binning, floor=case.floor, seed=seed)
    )
    distances = emd_ratios(reference, generated, energy_range=energies, seed=seed)
    ranges = ranges_within(energies)
    return {
        "map3d": pull.value,
        "map3d_uncertainty": pull.uncertainty,
        "floor": pull.floor.value,
        "ratio": pull.value / pull.floor.value,
        "n_eq": {
            "value": size.value, "low": size.low,
            "high": None if size.is_limit else size.high, "is_limit": size.is_limit,
        },
        "amplification": size.amplification(events) if events else None,
        "auc": _plain_auc(c2st(reference, generated, seed=seed, energy_ranges=ranges))
        if classifier else None,
        "emd": {d.variable: {"ratio": d.value, "uncertainty": d.uncertainty} for d in distances},
    }  # fmt: skip


def _plain_auc(result: C2st) -> dict[str, Any]:
    parts = [
        {"low": a.low, "high": a.high, "value": a.value, "uncertainty": a.uncertainty}
        for a in result.by_energy
    ]
    return {"value": result.value, "uncertainty": result.uncertainty, "by_energy": parts}


def results(study: Path) -> list[dict[str, Any]]:
    """All results present: by case, number of events and method."""
    found = [json.loads(p.read_text(encoding="utf-8")) for p in study.glob("*/result.json")]
    return sorted(found, key=_place)


def _place(result: dict[str, Any]) -> tuple[int, int, int]:
    return (
        list(STEMS).index(result["case"]),
        result["events"],
        list(METHODS).index(result["method"]),
    )


def markdown(found: list[dict[str, Any]]) -> str:
    """Results as a Markdown table."""
    head = ("case", "events", "method", "seconds", "MAP-3D", "/ floor", "n_eq", "amplification",
            "AUC", "EMD ratio E_lep, theta, Q2, W")  # fmt: skip
    rows = [head, ("---",) * len(head), *(_row(result) for result in found)]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _row(result: dict[str, Any]) -> tuple[str, ...]:
    size, auc, amplification = result["n_eq"], result["auc"], result["amplification"]
    n_eq = f"> {size['value']:,.0f}" if size["is_limit"] else (
        f"{size['value']:,.0f} ({size['low']:,.0f} - {size['high']:,.0f})"
    )  # fmt: skip
    return (
        result["case"], f"{result['events']:,d}", result["method"], f"{result['seconds']:.0f}",
        f"{result['map3d']:.3f}", f"{result['ratio']:.3f}", n_eq,
        "" if amplification is None else f"{'> ' * size['is_limit']}{amplification:.2g}",
        "" if auc is None else f"{auc['value']:.4f}",
        ", ".join(f"{entry['ratio']:.2f}" for entry in result["emd"].values()),
    )  # fmt: skip


def draw(study: Path, tables: Path, found: list[dict[str, Any]]) -> None:
    """Draw all figures that the results allow."""
    figures = study / "figures"
    figures.mkdir(parents=True, exist_ok=True)
    for name in dict.fromkeys(result["case"] for result in found):
        mine = [result for result in found if result["case"] == name]
        transfer_figures.sizes(mine, figures / f"{name}_n_eq.png")
        gans = [result for result in mine if result["method"] in GANS]
        for size in dict.fromkeys(result["size"] for result in gans):
            both = [result for result in gans if result["size"] == size]
            stem, reference = f"{name}_{size}", get_case(name, tables).reference
            folders = {r["method"]: study / f"{stem}_{r['method']}" / "model" for r in both}
            models = {method: nugen_gan.load_model(folder) for method, folder in folders.items()}
            transfer_figures.histories(both, figures / f"{stem}_history.png")
            transfer_figures.planes(reference, models, figures / f"{stem}_plane.png")
            transfer_figures.spectra(reference, models, figures / f"{stem}_spectra.png")


def jobs(given: argparse.Namespace) -> list[Job]:
    """Everything asked for whose tables exist, small samples first."""
    wanted = []
    for case in (get_case(name, given.tables) for name in given.cases):
        sizes = [size for size in given.sizes if case.path(f"{size}.root").exists()]
        pairs = [(size, method) for size in sizes for method in given.methods if method != "base"]
        pairs += [("0", "base")] if "base" in given.methods else []
        rest = (given.output, given.seed, given.flow_seconds)
        wanted += [Job(case, size, method, *rest) for size, method in pairs]
    return wanted


@cache
def get_case(name: str, tables: Path) -> Case:
    """One Case of a name, so that its tables are read once."""
    return Case(name, tables)


def main() -> None:
    """Do what is left to do, then tabulate and draw."""
    given = arguments()
    for job in [] if given.tables_only else jobs(given):
        if (job.folder / "result.json").exists():
            continue
        print(f"{job.folder.name} ...", flush=True)
        started = time.monotonic()
        carry_out(job, classifier=not given.no_auc)
        print(f"{job.folder.name}: {time.monotonic() - started:.0f} s in all", flush=True)
    found = results(given.output)
    print(markdown(found), flush=True)
    draw(given.output, given.tables, found)


def arguments() -> argparse.Namespace:
    """Read the command line."""

    def some_of(allowed: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
        def parse(text: str) -> tuple[str, ...]:
            words = tuple(text.split(","))
            if wrong := set(words) - set(allowed):
                raise argparse.ArgumentTypeError(
                    f"unknown: {', '.join(sorted(wrong))}; allowed: {', '.join(allowed)}"
                )
            return words

        return parse

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("tables", type=Path, help="folder of the event tables")
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("study"), help="folder of results"
    )
    parser.add_argument("--cases", type=some_of(tuple(STEMS)), default=tuple(STEMS), help="as a,b")
    parser.add_argument("--sizes", type=some_of(SIZES), default=SIZES, help="as 1k,10k")
    parser.add_argument(
        "--methods", type=some_of(tuple(METHODS)), default=tuple(METHODS), help="as a,b"
    )
    parser.add_argument("--no-auc", action="store_true", help="skip the classifier test")
    parser.add_argument("--tables-only", action="store_true", help="only tabulate and draw")
    parser.add_argument("--flow-seconds", type=float, default=120.0, help="limit for each flow")
    parser.add_argument("--seed", type=int, default=1, help="take a new folder for another one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
