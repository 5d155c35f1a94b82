"""NuWro's parameter files: ``name = value``, ``name += line``, ``# comment``, ``@file``.

Lines of the command line (``-p``) follow those of the file, in order, and are of the same kind.
Names are those of NuWro 25.11 and the old ones that files still carry.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["LINES", "ParameterError", "Parameters"]

# Parameters whose value is the whole rest of a line, and to which += adds more.
LINES = ("beam_energy", "beam_content", "beam_atmo_files", "target_content", "user_params")
# Old name -> the name since NuWro 25.11.
RENAMED = {
    "kaskada_on": "FSI_on", "sf_nuclearRecoil": "sf_recoil", "sf_coulomb": "sf_Coulomb",
    "sf_CoulombDistortion": "sf_Coulomb", "sf_nuclear_recoil": "sf_recoil",
}  # fmt: skip
# Names that older files have and that mean nothing any more.
GONE = ("dyn_e_el", "dyn_e_qel", "dyn_e_spp", "sf_fsi", "sf_FSI", "kaskada_newangle", "xsec",
        "beam_test_only", "rpa_model", "nucleus_target_model")  # fmt: skip
NAMES = frozenset(
    """
    random_seed number_of_events number_of_test_events save_test_events user_events user_params
    beam_type beam_energy beam_particle beam_direction beam_content beam_folder beam_file_first
    beam_file_limit beam_pot_per_file beam_weighted beam_offset beam_placement beam_inputroot
    beam_inputroot_flux beam_inputroot_nue beam_inputroot_nueb beam_inputroot_numu
    beam_inputroot_numub beam_inputroot_nutau beam_inputroot_nutaub beam_atmo_files
    beam_length_units target_type nucleus_p nucleus_n nucleus_E_b nucleus_kf nucleus_target
    nucleus_model target_content geo_file geo_name geo_volume geo_o geo_d geom_length_units
    geom_density_convert dyn_qel_cc dyn_qel_nc dyn_res_cc dyn_res_nc dyn_dis_cc dyn_dis_nc
    dyn_coh_cc dyn_coh_nc dyn_mec_cc dyn_mec_nc dyn_hyp_cc dyn_lep dyn_qel_el dyn_res_el
    el_costh_lab el_costh_del eel_alg e_spp_ff_set qel_kinematics qel_vector_ff_set
    qel_axial_ff_set qel_rpa qel_strange qel_strangeEM delta_s qel_cc_vector_mass
    qel_cc_axial_mass qel_minerva_ff_scale qel_deuterium_ff_scale qel_nc_axial_mass
    qel_s_axial_mass qel_axial_2comp_alpha qel_axial_2comp_gamma qel_axial_3comp_theta
    qel_axial_3comp_beta zexp_nterms zexp_q4limit zexp_tc zexp_t0 flux_correction density_model
    sf_method sf_transparency_scale sf_transparency_table_idx sf_recoil sf_Coulomb sf_src sf_pb
    cc_smoothing delta_FF_set delta_selfenergy pion_axial_mass pion_C5A delta_angular
    spp_precision res_dis_cut res_dis_blending_start res_dis_blending_end bkgrscaling res_kind
    res_hybrid_sampling res_hybrid_resampling coh_mass_correction coh_new coh_kind mec_kind
    mec_ratio_pp mec_ratio_ppp mec_central_motion mec_back_to_back_smearing mec_pb_trials
    MEC_pauli_blocking MEC_cm_direction mec_scaling MEC_cm_direction_pp MEC_cm_strength_pp
    MEC_cm_direction_np MEC_cm_strength_np MEC_cm_direction_pn MEC_cm_strength_pn hyp_lambda
    hyp_sigma_zero hyp_sigma_minus hyp_g2_Re_part hyp_g2_Im_part hyp_su3_sym_breaking
    hyp_axial_mass hyp_effmass hyp_Lambda_Eb hyp_Sigma_Eb FSI_on U_switch kaskada_w
    kaskada_redo kaskada_writeall formation_zone tau formation_length first_step step
    kaskada_NN_mfp_scale kaskada_NN_xsec kaskada_NN_inel kaskada_NN_angle kaskada_NN_corr
    kaskada_piN_xsec kaskada_events kaskada_events_file pauli_blocking mixed_order table_path
    path_to_data rng_type
    """.split()
)
# An include that includes itself would never end.
DEEPEST = 16


class ParameterError(Exception):
    """A line that NuWro would not take.

    Attributes
    ----------
    code : NuWro's exit code
    """

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


@dataclass
class Parameters:
    """What was set, in order.

    Attributes
    ----------
    values : name -> its lines
    places : folders in which files are looked for: the current one, then NuWro's data
    notes : what should be known, in words
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    places: tuple[Path, ...] = ()
    notes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, card: Path | None, lines: Iterable[str]) -> Parameters:
        """Read a file of parameters, if there is one, and then lines of the command line."""
        data = os.environ.get("NUWRO")
        known = cls(places=(Path(), *((Path(data) / "data",) if data else ())))
        if card is not None:
            if card.is_file():
                known._file(card, 0)
            else:
                # As NuWro does.
                known.notes.append(f"there is no {card}: NuWro's defaults are used")
        for line in lines:
            known._line(line, "the command line", 0)
        return known

    def text(self, name: str, default: str = "") -> str:
        """The first word of a parameter, which is what NuWro reads."""
        lines = self.values.get(name)
        words = lines[-1].split() if lines else []
        return words[0] if words else default

    def whole(self, name: str, default: int) -> int:
        """A whole number; ParameterError if it is none."""
        word = self.text(name, str(default))
        try:
            return int(word)
        except ValueError:
            raise ParameterError(f"{name} = {word}: a whole number is needed", 15) from None

    def lines(self, name: str) -> str:
        """All lines of a parameter that may have several."""
        return "\n".join(self.values.get(name, ()))

    def switches(self) -> Mapping[str, str]:
        """First words of everything that was set, by its name of today."""
        return {name: self.text(name) for name in self.values}

    def find(self, name: str) -> Path | None:
        """A file that a parameter names, in one of the places."""
        tried = (
            place / folder / name for place in self.places for folder in ("", "beam", "target")
        )
        return next((path for path in tried if path.is_file()), None)

    def _file(self, path: Path, depth: int) -> None:
        if depth > DEEPEST:
            raise ParameterError(f"{path} is included by itself", 11)
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError as error:
            raise ParameterError(f"{path} cannot be read: {error.strerror}", 11) from error
        for number, line in enumerate(text.splitlines(), 1):
            self._line(line, f"{path}, line {number}", depth)

    def _line(self, line: str, where: str, depth: int) -> None:
        line = line.strip()
        if not line or line.startswith("#"):
            return
        if line.startswith("@"):
            name = line[1:].split("#")[0].strip()
            found = self.find(name)
            if found is None:
                raise ParameterError(
                    f"{where}: {name} is not to be found here, nor under $NUWRO/data", 11
                )
            self._file(found, depth + 1)
            return
        name, equals, value = line.partition("=")
        more = name.rstrip().endswith("+")
        name = name.rstrip().removesuffix("+").rstrip()
        if not equals:
            raise ParameterError(f"{where}: {line!r} is not 'name = value'", 13)
        name = RENAMED.get(name, name)
        if name in GONE:
            self.notes.append(f"{name} is of older versions and means nothing any more")
            return
        if name not in NAMES:
            raise ParameterError(f"{where}: NuWro has no parameter {name!r}", 14)
        if more and name in LINES:
            self.values.setdefault(name, []).append(value.strip())
        else:
            self.values[name] = [value.strip()]
