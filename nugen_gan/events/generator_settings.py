"""The switches of a generator that change its physics: final-state interactions, models, masses.

Two samples of one generator follow one distribution only if these agree.  What the files tell is
kept with the events, the models trained on them and the events that these make, under the
generator's own names: NuWro's are those of its ``params.txt``, GENIE's is the name of its tune.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from nugen_gan.events.provenance import Provenance

__all__ = [
    "TRAINED_WITH",
    "generator_settings",
    "mixed_settings",
    "settings_differences",
    "settings_lines",
    "settings_summary",
    "with_settings",
]

# Where generated events remember the settings of what their model was trained on.
TRAINED_WITH = "trained_with"
TUNE = "tune"
# Parameters of NuWro that say what is run, where to find and put it, and not what physics it has.
_RUN = re.compile(
    r"(random_seed|number_of_|save_test|user_|beam_|target_type|target_content|nucleus_[pn]$|geo"
    r"|table_path|path_to_data|kaskada_events|kaskada_redo|kaskada_writeall|mixed_order|dyn_"
    r"|deduced_version|flux$|el_costh|eel_alg|e_spp_)"
)
# Old names of NuWro's switches, and what they are called since version 25.11.
_RENAMED = {
    "kaskada_on": "FSI_on",
    "sf_nuclearRecoil": "sf_recoil",
    "sf_CoulombDistortion": "sf_Coulomb",
}
_TUNE = re.compile(r"\b((?:G|N|AR|GDNS|GEM|GHE|GVLE|EX)\d{2}_\d{2}[a-z]?_\d{2}_\w{3})\b")
# The fifth letter of GENIE's model names tells the model of final-state interactions
# (GENIE Collaboration, Eur. Phys. J. Spec. Top. 230 (2021) 4449, Table 1).
_GENIE_FSI = {"a": "hA2018", "b": "hN2018", "c": "INCL++", "d": "Geant4 Bertini"}
_TARGET_MODELS = {
    0: "free nucleons", 1: "Fermi gas", 2: "local Fermi gas", 3: "Bodek-Ritchie Fermi gas",
    4: "effective spectral function", 5: "deuteron", 6: "effective potential",
}  # fmt: skip
_TWO_NUCLEON = {
    0: "none", 1: "transverse enhancement", 2: "Marteau", 3: "Nieves", 4: "Marteau", 5: "SuSAv2",
    6: "Valencia 2020",
}  # fmt: skip


def generator_settings(origin: Provenance) -> dict[str, Any]:
    """Return the physics switches of what made some events, by the generator's own names.

    For events of a model, those of the sample that it was trained on.  Empty where nothing is
    known.  A value that differs between files read together is a list of all of them.
    """
    trained = origin.parameters.get(TRAINED_WITH)
    if isinstance(trained, Mapping):
        return dict(trained)
    settings = {
        _RENAMED.get(name, name): value
        for name, value in origin.parameters.items()
        if _plain(value) and not _RUN.match(name)
    }
    if origin.generator == "nugen-gan":
        return {}
    found = _TUNE.search(f"{origin.generator} {origin.version}")
    if found and TUNE not in settings:
        settings[TUNE] = found[1]
    named = origin.generator.upper().startswith(("NUWRO", "GENIE"))
    known = named or any(name in settings for name in (TUNE, "FSI_on", "sf_method"))
    return settings if known else {}


def with_settings(
    origin: Provenance, settings: Mapping[str, Any], generator: str | None = None
) -> Provenance:
    """Return the provenance with settings and a generator added; what it says itself stands.

    Parameters
    ----------
    origin : what a file tells of its events
    settings : physics switches, by the generator's own names
    generator : what made the events, such as "NuWro 25.11"
    """
    missing = {k: v for k, v in settings.items() if k not in generator_settings(origin)}
    return Provenance(
        origin.generator or generator or "", origin.version, {**missing, **origin.parameters},
        origin.files,
    )  # fmt: skip


def mixed_settings(settings: Mapping[str, Any]) -> str:
    """Say in which settings files that were read together differ; "" if in none."""
    mixed = [f"{name} ({_said(v)})" for name, v in settings.items() if isinstance(v, list)]
    if not mixed:
        return ""
    return f"the files differ in {', '.join(mixed)}: their events do not follow one distribution"


def settings_lines(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return pairs (what, value) that say the main settings in words, for the screen."""
    lines = []
    if "FSI_on" in settings:
        lines.append(("final-state interactions", _each(settings["FSI_on"], _switch)))
    if "sf_method" in settings or "nucleus_target" in settings:
        lines.append(("nuclear model", _nuclear_model(settings)))
    if "qel_axial_ff_set" in settings:
        mass = settings.get("qel_cc_axial_mass")
        text = f"axial form factor set {settings['qel_axial_ff_set']}"
        if isinstance(mass, (int, float)):
            text += f", axial mass {float(mass) / 1e3:g} GeV"
        lines.append(("quasielastic", text))
    if "mec_kind" in settings:
        lines.append(("two-nucleon", _each(settings["mec_kind"], _named(_TWO_NUCLEON))))
    if "res_kind" in settings:
        kinds = {1: "older Delta model", 2: "hybrid pion production"}
        lines.append(("resonances", _each(settings["res_kind"], _named(kinds))))
    if TUNE in settings:
        tune = str(settings[TUNE])
        lines.append(("tune", tune))
        fsi = _GENIE_FSI.get(tune.split("_")[1][2:3]) if "_" in tune else None
        if fsi:
            lines.append(("final-state interactions", fsi))
    return lines


def settings_summary(origin: Provenance) -> list[tuple[str, str]]:
    """Return pairs (what, value) on the settings of what made some events, for the screen."""
    settings = generator_settings(origin)
    warning = mixed_settings(settings)
    return settings_lines(settings) + ([("warning", warning)] if warning else [])


def settings_differences(
    ours: Mapping[str, Any], theirs: Mapping[str, Any], sides: tuple[str, str]
) -> list[str]:
    """Say in words where two sets of settings differ; of what only one side knows nothing is said.

    Parameters
    ----------
    ours, theirs : of :func:`generator_settings`
    sides : what they belong to, such as "the model" and "the reference"
    """
    both = [name for name in ours if name in theirs]
    found = []
    for name in both:
        if not _same(ours[name], theirs[name]):
            text = f"{_label(name)} is {_said(ours[name])} for {sides[0]}, "
            found.append(text + f"{_said(theirs[name])} for {sides[1]}{_remark(name, ours)}")
    return found


def _remark(name: str, settings: Mapping[str, Any]) -> str:
    if name == "FSI_on" and settings.get("sf_method") == 0:
        return " (without a spectral function this does not change the lepton)"
    return ""


def _label(name: str) -> str:
    return {"FSI_on": "final-state interactions (FSI_on)", TUNE: "the tune"}.get(name, name)


def _nuclear_model(settings: Mapping[str, Any]) -> str:
    method = settings.get("sf_method", 0)
    base = _each(settings.get("nucleus_target"), _named(_TARGET_MODELS))
    if isinstance(method, list):
        return f"{base}, spectral function sf_method {_said(method)}"
    if not method:
        return base
    return f"spectral function (sf_method {method}) where there is one, else {base}"


def _named(names: Mapping[int, str]) -> Any:
    return lambda value: names.get(value, f"number {value}")


def _each(value: Any, say: Any) -> str:
    return " and ".join(say(one) for one in value) if isinstance(value, list) else str(say(value))


def _switch(value: Any) -> str:
    return "on" if value else "off"


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return _switch(value)
    if isinstance(value, list):
        return " and ".join(_said(one) for one in value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(float(one) - float(other)) <= 1e-9 * max(abs(float(one)), 1.0)
    return bool(one == other)


def _plain(value: Any) -> bool:
    return isinstance(value, (bool, int, float, str, list))
