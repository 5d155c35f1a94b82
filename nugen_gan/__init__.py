"""Learn a neutrino event generator from its own files, then replace it.

>>> import nugen_gan
>>> model = nugen_gan.load_model("numu_cc_C12")            # doctest: +SKIP
>>> events = model.sample([1.0, 2.0], seed=1)              # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nugen_gan.conversion import convert, read, write
    from nugen_gan.events import EventTable
    from nugen_gan.finetuning import FinetuneOptions, finetune
    from nugen_gan.model import Model, load_model
    from nugen_gan.process import Channel, Process
    from nugen_gan.training import train
    from nugen_gan.validation import validate

__version__ = "0.1.0.dev0"

# name -> module that defines it; imported at first use, so that `import nugen_gan` is light
_HOME = {
    "Channel": "nugen_gan.process",
    "EventTable": "nugen_gan.events",
    "FinetuneOptions": "nugen_gan.finetuning",
    "Model": "nugen_gan.model",
    "Process": "nugen_gan.process",
    "convert": "nugen_gan.conversion",
    "finetune": "nugen_gan.finetuning",
    "load_model": "nugen_gan.model",
    "read": "nugen_gan.conversion",
    "train": "nugen_gan.training",
    "validate": "nugen_gan.validation",
    "write": "nugen_gan.conversion",
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
