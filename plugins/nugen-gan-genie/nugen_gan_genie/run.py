"""One run of ``nugen-gevgen``, from options to files."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nugen_gan.adapters.nuwro.writer import th1d
from nugen_gan.errors import UsageError
from nugen_gan.generation.blend import Blend, Component
from nugen_gan.generation.coverage import coverage
from nugen_gan.model.sampler import check_seed, draw_seed
from nugen_gan.monitor import SILENT, Monitor
from nugen_gan.physics.process import Process, parse_probe
from nugen_gan.physics.targets import TargetMixture, nucleus_name, parse_mixture
from nugen_gan.storage import root as root_io
from nugen_gan.storage.atomic import atomic_path, check_output
from nugen_gan_genie.fluxes import GenieFlux, histogram_of, read_flux
from nugen_gan_genie.lists import channels_of
from nugen_gan_genie.models import Chosen, choose_models
from nugen_gan_genie.options import Given
from nugen_gan_genie.outputs import write_trees

__all__ = ["Files", "Run", "carry_out", "prepare", "read_probe", "read_target"]

SPECTRUM = Path("input-flux.root")
# Seeds of GENIE that ask for any.
ANY_SEED = ("0", "-1")


@dataclass(frozen=True, slots=True)
class Files:
    """Names of what a run writes, and of what it does not.

    Attributes
    ----------
    gst, gtrac, status : written
    ghep : what GENIE would write
    spectrum : written, if there is a flux
    """

    gst: Path
    gtrac: Path
    status: Path
    ghep: Path
    spectrum: Path | None

    def __iter__(self) -> Iterator[Path]:
        """What is written."""
        yield from (self.gst, self.gtrac, self.status)
        if self.spectrum is not None:
            yield self.spectrum


@dataclass(frozen=True, slots=True)
class Run:
    """What a run will do.

    Attributes
    ----------
    blend : the events
    flux : of all of them
    files : to be written
    chosen : the models
    notes : what should be known, in words
    number : of the run
    """

    blend: Blend
    flux: GenieFlux
    files: Files
    chosen: tuple[Chosen, ...]
    notes: tuple[str, ...]
    number: int


def prepare(given: Given) -> Run:
    """Understand the options, choose the models, and refuse what cannot be done."""
    for name in ("w", "force-flux-ray-interaction"):
        if name in given:
            raise UsageError(
                "weighted events (-w) cannot be made: events of a model have no weights"
            )
    _check_direction(given.get("F"))
    number, events = given.whole("r", 0), given.whole("n")
    probe = read_probe(given.required("p", "14"))
    mixture = read_target(given.required("t", "1000060120"))
    flux = read_flux(given.required("e", "0.2,10"), given.get("f"))
    files = _files(given.get("o"), number, flux)
    for path in files:
        check_output(path, overwrite=True)
    shares = mixture.mass_fractions
    wanted = {
        Process(
            probe, target
        ): f"{100 * shares[target]:.3g} % of the mass is {nucleus_name(target)}"
        for target in mixture.targets
    }
    chosen = choose_models(
        wanted, given.get("tune"), given.lists.get("model", ()), accept="accept-tune" in given
    )
    whole = "no-hadrons" not in given and all(c.model.hadrons is not None for c in chosen.values())
    notes = [*given.notes, *flux.notes]
    components = []
    for (_, one), (_, atoms) in zip(chosen.items(), mixture.atoms, strict=True):
        model = one.model if whole else one.model.without_hadrons()
        channels, said = channels_of(
            given.get("event-generator-list"), model.labels.channels, cc_only="cc-only" in given
        )
        covered = coverage(model, flux.flux, allow_extrapolation="allow-extrapolation" in given)
        components.append(Component(model, covered, atoms=atoms, channels=channels))
        notes += [*said, *covered.notes]
    if not whole:
        notes.append("the charged lepton alone: gst has no hadrons, nf is 0")
    blend = Blend(tuple(components), events, _seed(given.get("seed")))
    return Run(blend, flux, files, tuple(chosen.values()), tuple(dict.fromkeys(notes)), number)


def carry_out(run: Run, monitor: Monitor = SILENT) -> None:
    """Make the events and write the files; all appear, or none."""
    with ExitStack() as stack:
        gst, gtrac, status, *spectrum = (
            stack.enter_context(atomic_path(path, overwrite=True)) for path in run.files
        )
        for path in spectrum:
            contents, edges = histogram_of(run.flux.flux)
            with root_io.recreate(path) as file:
                file["spectrum"] = th1d("spectrum", edges, contents, np.zeros(len(contents)))
        extra: dict[str, object] = {"made_by": "nugen-gevgen", "energies": run.flux.label}
        write_trees(gst, gtrac, run.blend, monitor, extra)
        status.write_text(
            f"Run nu: {run.number}\nSeed: {run.blend.seed}\nCurrent Event Number: "
            f"{run.blend.events}\nApproximate total number of events: {run.blend.events}\n"
            "Status: complete\n",
            encoding="utf-8",
        )


def read_probe(text: str) -> int:
    """One neutrino; GENIE itself would take the first of several without a word."""
    if "," in text:
        raise UsageError(
            f"-p {text}: gevgen takes one neutrino (GENIE's takes the first of several without a "
            "word). Run once for each; their cross sections and fluxes tell how many events of each"
        )
    return parse_probe(text)


def read_target(text: str) -> TargetMixture:
    """A nucleus, or several with their fractions of mass."""
    if "," in text and "[" not in text:
        raise UsageError(
            f"-t {text}: several nuclei need their fractions of mass, as in "
            "-t 1000060120[0.9231],1000010010[0.0769]"
        )
    return parse_mixture(text)


def _files(output: str | None, number: int, flux: GenieFlux) -> Files:
    if output is None:
        stem = Path(f"gntp.{number}")
        status = Path(f"genie-mcjob-{number}.status")
    else:
        name = output
        for end in (".root", ".ghep", ".gst", ".gtrac"):
            name = name.removesuffix(end)
        if not name or name.endswith("/"):
            raise UsageError(f"-o {output!r} names no file: give one, as in -o events.root")
        stem, status = Path(name), Path(f"{name}.status")
    low, high = flux.flux.energy_range
    return Files(
        stem.with_name(stem.name + ".gst.root"), stem.with_name(stem.name + ".gtrac.root"),
        status, stem.with_name(stem.name + ".ghep.root"), SPECTRUM if low < high else None,
    )  # fmt: skip


def _seed(text: str | None) -> int:
    if text is None or text in ANY_SEED:
        return draw_seed()
    if not text.isdigit():
        raise UsageError(f"--seed {text}: a whole number from 0 is needed")
    return check_seed(int(text))


def _check_direction(text: str | None) -> None:
    words = text.split(",") if text else ["0", "0", "1"]
    try:
        x, y, z = (float(word) for word in words[:3])
    except ValueError:
        x = y = z = 0.0
    if not (x == y == 0.0 and z > 0.0 and len(words) == 3):
        raise UsageError(f"-F {text}: only a beam along +z is possible, -F 0,0,1")
