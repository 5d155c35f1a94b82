"""The bundled models, and what each of them is."""

from __future__ import annotations

from dataclasses import dataclass

from nugen_gan.model.folder import find_model, read_description
from nugen_gan.model.quality import quality_of
from nugen_gan.physics.process import Process
from nugen_gan.storage.bundled import bundled_models

__all__ = ["BundledModel", "BundledModels", "models"]


@dataclass(frozen=True, slots=True)
class BundledModel:
    """What a bundled model is.

    Attributes
    ----------
    name : by which :func:`nugen_gan.load_model` and the command line know it
    process : what collides
    energy_range : smallest and largest neutrino energy [GeV]
    generator : what made the events it was trained on, with the version; "" if unknown
    events : number of these
    quality : "good", "fair" or "poor" by events held out from the training; "" if unknown
    hadrons : it makes whole events
    fast : it has a fast sampler
    """

    name: str
    process: Process
    energy_range: tuple[float, float]
    generator: str
    events: int
    quality: str
    hadrons: bool
    fast: bool


class BundledModels(tuple[BundledModel, ...]):
    """The bundled models; printed, a table."""

    __slots__ = ()

    def __str__(self) -> str:
        """Return a table with a line for each model."""
        rows = [("name", "process", "energies [GeV]", "trained on", "quality", "makes")]
        for model in self:
            low, high = model.energy_range
            source = f"{model.events:,d} events of {model.generator or 'an unnamed generator'}"
            what = ("whole events" if model.hadrons else "leptons") + (", fast" * model.fast)
            rows.append(
                (model.name, model.process.name, f"{low:g}-{high:g}", source, model.quality, what)
            )
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(f"{t:<{w}}" for t, w in zip(row, widths, strict=True)) for row in rows)
        return "\n".join(line.rstrip() for line in lines)

    __repr__ = __str__


def models() -> BundledModels:
    """Return the bundled models.

    Examples
    --------
    >>> import nugen_gan
    >>> nugen_gan.models()
    name          process       energies [GeV]  trained on                  quality  makes
    numu_cc_Ar40  numu_cc_Ar40  0.2-20          ... events of NuWro ...     ...      whole events...
    >>> nugen_gan.models()[0].energy_range
    (0.2, 20.0)
    """
    return BundledModels(_described(name) for name in bundled_models())


def _described(name: str) -> BundledModel:
    record = read_description(find_model(name))
    training, known = record["training"], quality_of(record["metrics"])
    low, high = record["energy_range"]
    words = (training.get("generator"), training.get("version"))
    return BundledModel(
        name,
        Process(record["process"]["probe"], record["process"]["target"]),
        (float(low), float(high)),
        " ".join(str(word) for word in words if word),
        int(training["events"]),
        "" if known is None else known.verdict,
        bool(record.get("hadrons")),
        bool(record.get("lepton")),
    )
