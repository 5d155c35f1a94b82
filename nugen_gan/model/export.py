"""A model as an ONNX file, and what is needed to use it."""

from __future__ import annotations

import os
from pathlib import Path

from nugen_gan.errors import UsageError
from nugen_gan.model.model import Model, load_model
from nugen_gan.physics.process import Channel
from nugen_gan.storage.atomic import atomic_path, check_output, write_json

__all__ = ["export_onnx"]


def export_onnx(
    model: Model | str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    overwrite: bool = False,
) -> Path:
    """Write the leptons of a model as an ONNX file, with a JSON file beside it.

    Parameters
    ----------
    model : a model with a fast sampler, its folder, or the name of a bundled one
    output : file to write; ``<output>.json`` says what goes in and comes out
    overwrite : replace older files

    Raises
    ------
    UsageError
        if the model has no fast sampler, or onnx is not installed.
    OutputError
        if the file exists or cannot be written.
    """
    from nugen_gan.lepton.onnx_graph import OPSET, onnx_model

    known = model if isinstance(model, Model) else load_model(model)
    if known.lepton is None:
        raise UsageError(
            f"the model {known.name} has no fast sampler, which is what is exported. Give it one: "
            f"nugen-gan distil {known.name}"
        )
    path = check_output(output, overwrite=overwrite)
    graph = onnx_model(known.lepton, known.name or "model")
    with atomic_path(path, overwrite=overwrite) as temporary:
        temporary.write_bytes(graph.SerializeToString())
    sigma = known.cross_section
    write_json(
        path.with_name(f"{path.name}.json"),
        {
            "model": known.name,
            "model_sha256": known.digest,
            "process": known.process.name,
            "opset": OPSET,
            "inputs": {
                "enu": "neutrino energies, float32, shape (N,), GeV",
                "uniform": "random numbers in [0, 1), float64, shape (3, N)",
            },
            "outputs": {
                "elep": "lepton energies, float64, shape (N,), GeV",
                "costheta": "cosines of the angle to the neutrino, float64, shape (N,)",
                "channel": "int64, shape (N,)",
            },
            "energy_range_GeV": list(known.energy_range),
            "channels": {Channel(code).name: code for code in known.lepton.channels},
            "cross_section": sigma.as_dict() if sigma else None,
        },
    )
    return path
