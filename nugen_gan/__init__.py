"""Learn a neutrino event generator from its own files, then replace it.

>>> import nugen_gan
>>> model = nugen_gan.load_model("numu_cc_C12")            # doctest: +SKIP
>>> events = model.sample([1.0, 2.0], seed=1)              # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nugen_gan._version import __version__

if TYPE_CHECKING:
    from nugen_gan.conversion.convert import convert, read, write
    from nugen_gan.events.table import EventTable
    from nugen_gan.model.model import Model, load_model
    from nugen_gan.physics.process import Channel, Process
    from nugen_gan.training.train import train
    from nugen_gan.transfer.finetune import FinetuneOptions, finetune
    from nugen_gan.validation import validate

# name -> module that defines it; imported at first use, so that `import nugen_gan` is light
_HOME = {
    "Channel": "nugen_gan.physics.process",
    "EventTable": "nugen_gan.events.table",
    "FinetuneOptions": "nugen_gan.transfer.finetune",
    "Model": "nugen_gan.model.model",
    "Process": "nugen_gan.physics.process",
    "convert": "nugen_gan.conversion.convert",
    "finetune": "nugen_gan.transfer.finetune",
    "load_model": "nugen_gan.model.model",
    "read": "nugen_gan.conversion.convert",
    "train": "nugen_gan.training.train",
    "validate": "nugen_gan.validation",
    "write": "nugen_gan.conversion.convert",
}

__all__ = [
    "Channel",
    "EventTable",
    "FinetuneOptions",
    "Model",
    "Process",
    "__version__",
    "convert",
    "finetune",
    "load_model",
    "read",
    "train",
    "validate",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'nugen_gan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
