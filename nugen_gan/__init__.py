"""Learn a neutrino event generator from its own files, then replace it.

>>> import nugen_gan
>>> model = nugen_gan.load_model("numu_cc_C12")
>>> events = model.sample([1.0, 2.0], seed=1)
>>> events.enu, events.process.name
(array([1., 2.]), 'numu_cc_C12')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nugen_gan._version import __version__

if TYPE_CHECKING:
    from nugen_gan.conversion.convert import convert, read, write
    from nugen_gan.errors import NugenError
    from nugen_gan.events.table import EventTable
    from nugen_gan.gan.options import TrainingOptions as TrainOptions
    from nugen_gan.generation.bundled import models
    from nugen_gan.generation.generate import generate
    from nugen_gan.generation.sampler import Sampler
    from nugen_gan.lepton.fit import DistilOptions
    from nugen_gan.model.model import Model, load_model
    from nugen_gan.physics.flux import Flux
    from nugen_gan.physics.process import Channel, Process
    from nugen_gan.training.distil import distil
    from nugen_gan.training.train import train
    from nugen_gan.transfer.finetune import FinetuneOptions, finetune
    from nugen_gan.validation.comparison import compare, validate

# public name -> module and name there; imported at first use, so that `import nugen_gan` is light
_HOME = {
    "Channel": "nugen_gan.physics.process:Channel",
    "DistilOptions": "nugen_gan.lepton.fit:DistilOptions",
    "EventTable": "nugen_gan.events.table:EventTable",
    "FinetuneOptions": "nugen_gan.transfer.finetune:FinetuneOptions",
    "Flux": "nugen_gan.physics.flux:Flux",
    "Model": "nugen_gan.model.model:Model",
    "NugenError": "nugen_gan.errors:NugenError",
    "Process": "nugen_gan.physics.process:Process",
    "Sampler": "nugen_gan.generation.sampler:Sampler",
    "TrainOptions": "nugen_gan.gan.options:TrainingOptions",
    "compare": "nugen_gan.validation.comparison:compare",
    "convert": "nugen_gan.conversion.convert:convert",
    "distil": "nugen_gan.training.distil:distil",
    "finetune": "nugen_gan.transfer.finetune:finetune",
    "generate": "nugen_gan.generation.generate:generate",
    "load_model": "nugen_gan.model.model:load_model",
    "models": "nugen_gan.generation.bundled:models",
    "read": "nugen_gan.conversion.convert:read",
    "train": "nugen_gan.training.train:train",
    "validate": "nugen_gan.validation.comparison:validate",
    "write": "nugen_gan.conversion.convert:write",
}

__all__ = [
    "Channel",
    "DistilOptions",
    "EventTable",
    "FinetuneOptions",
    "Flux",
    "Model",
    "NugenError",
    "Process",
    "Sampler",
    "TrainOptions",
    "__version__",
    "compare",
    "convert",
    "distil",
    "finetune",
    "generate",
    "load_model",
    "models",
    "read",
    "train",
    "validate",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        module, _, there = _HOME[name].partition(":")
        return getattr(import_module(module), there)
    raise AttributeError(f"module 'nugen_gan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
