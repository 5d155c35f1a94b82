"""The 147 parameters of NuWro 25.11: names, types and defaults, in the order of its files.

Names, types and values are those of the branch ``par`` of files that NuWro wrote with its defaults.
Types: ``int``, ``double``, ``bool`` (0 or 1), ``string`` (one word), ``vec`` (three numbers), and
``line``, which takes the whole rest of a line and may have several.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from nugen_gan_nuwro.errors import BadValueError, UnknownNameError

__all__ = ["PARAMETERS", "Parameter", "Value", "known_name", "read_value"]

Value = bool | int | float | str | tuple[float, float, float]

TABLE = """
int random_seed 1
int number_of_events 10000
int number_of_test_events 10000
int save_test_events 0
int user_events 0
line user_params
int beam_type 0
line beam_energy 1000
int beam_particle 14
vec beam_direction 0 0 1
line beam_content
string beam_folder flux
int beam_file_first 1
int beam_file_limit 0
double beam_pot_per_file -1
string geom_length_units cm
double geom_density_convert 1
string beam_length_units cm
bool beam_weighted 0
vec beam_offset 0 0 0
int beam_placement 0
string beam_inputroot
string beam_inputroot_flux
string beam_inputroot_nue
string beam_inputroot_nueb
string beam_inputroot_numu
string beam_inputroot_numub
string beam_inputroot_nutau
string beam_inputroot_nutaub
line beam_atmo_files
int beam_test_only 0
int target_type 0
int nucleus_p 6
int nucleus_n 6
double nucleus_E_b 34
double nucleus_kf 220
line target_content
string geo_file target/ND280_v9r7p5.root
string geo_name ND280Geometry_v9r7p5
string geo_volume
vec geo_o 0 0 0
vec geo_d 2000 2000 5000
int nucleus_target 2
int nucleus_model 1
bool dyn_qel_cc 1
bool dyn_qel_nc 0
bool dyn_res_cc 1
bool dyn_res_nc 0
bool dyn_dis_cc 1
bool dyn_dis_nc 0
bool dyn_coh_cc 1
bool dyn_coh_nc 0
bool dyn_mec_cc 1
bool dyn_mec_nc 0
bool dyn_hyp_cc 1
bool dyn_lep 1
bool dyn_qel_el 0
bool dyn_res_el 0
double el_costh_lab 0.5
double el_costh_del 0.001
string eel_alg old
int qel_kinematics 0
int qel_vector_ff_set 2
int qel_axial_ff_set 8
int qel_rpa 1
int qel_strange 1
int qel_strangeEM 0
double delta_s 0
double qel_cc_vector_mass 840
double qel_cc_axial_mass 1030
double qel_minerva_ff_scale 0
double qel_deuterium_ff_scale 0
double qel_nc_axial_mass 1030
double qel_s_axial_mass 1030
bool flux_correction 0
int density_model 1
int sf_method 1
double sf_transparency_scale 1
int sf_transparency_table_idx 1
bool sf_recoil 1
bool sf_Coulomb 1
bool sf_src 1
int sf_pb 1
bool cc_smoothing 0
int delta_FF_set 1
int e_spp_ff_set 4
int delta_selfenergy 0
double pion_axial_mass 0.94
double pion_C5A 1.19
int delta_angular 2
int spp_precision 500
double res_dis_cut 1900
double bkgrscaling 0
int res_kind 2
int res_hybrid_sampling 4
int res_hybrid_resampling 0
bool coh_mass_correction 1
bool coh_new 1
int coh_kind 2
int mec_kind 6
double mec_ratio_pp 0.85
double mec_ratio_ppp 0.8
double mec_central_motion 0
double mec_back_to_back_smearing 0
int mec_pb_trials 30
bool MEC_pauli_blocking 1
double MEC_cm_direction 0
int mec_scaling 0
double MEC_cm_direction_pp 0.77
int MEC_cm_strength_pp 4
double MEC_cm_direction_np 0.7
int MEC_cm_strength_np 3
double MEC_cm_direction_pn 0.8
int MEC_cm_strength_pn 4
bool hyp_lambda 1
bool hyp_sigma_zero 1
bool hyp_sigma_minus 1
double hyp_g2_Re_part 0
double hyp_g2_Im_part 0
bool hyp_su3_sym_breaking 0
double hyp_axial_mass 1030
bool hyp_effmass 1
double hyp_Lambda_Eb 27
double hyp_Sigma_Eb -70
bool FSI_on 1
bool U_switch 1
double kaskada_w 7
bool kaskada_redo 0
bool kaskada_writeall 0
string formation_zone fz-new
double tau 8
double formation_length 1
bool first_step 1
double step 0.2
double kaskada_NN_mfp_scale 0.76
int kaskada_NN_xsec 2
int kaskada_NN_inel 2
int kaskada_NN_angle 3
int kaskada_NN_corr 1
int kaskada_piN_xsec 1
bool pauli_blocking 1
bool mixed_order 1
double res_dis_blending_start 1600
double res_dis_blending_end 1900
string table_path
bool kaskada_events 0
string kaskada_events_file
"""
# Names of older versions and what has become of them; values keep their meaning.
RENAMED = {
    "kaskada_on": "FSI_on",
    "dyn_e_el": "dyn_qel_el",
    "dyn_hip_cc": "dyn_hyp_cc",
    "sf_nuclearRecoil": "sf_recoil",
    "sf_CoulombDistortion": "sf_Coulomb",
    "sf_coulomb": "sf_Coulomb",
}
# Switches of older versions without a successor of the same meaning.
OLD = {"sf_fsi": "bool"}
EXPECTED = {
    "int": "a whole number",
    "double": "a number",
    "bool": "0 or 1",
    "string": "a word",
    "vec": "three numbers",
    "line": "a line",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter.

    Attributes
    ----------
    name, kind : as in the table
    default : of NuWro 25.11
    """

    name: str
    kind: str
    default: Value


def known_name(name: str) -> str:
    """Today's name of a parameter, or an old one without a successor.

    Raises
    ------
    UnknownNameError
        if NuWro never had such a parameter.
    """
    today = RENAMED.get(name, name)
    if today in PARAMETERS or today in OLD:
        return today
    near = get_close_matches(name, [*PARAMETERS, *RENAMED, *OLD], n=2, cutoff=0.7)
    advice = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UnknownNameError(f"NuWro has no parameter {name!r}.{advice}")


def read_value(name: str, text: str) -> Value:
    """Value of a parameter from the text behind ``=``.

    Behind the words that it takes anything may follow, such as a comment; a line takes all.

    Raises
    ------
    BadValueError
        if the text does not begin with such a value.
    """
    kind = OLD.get(name) or PARAMETERS[name].kind
    words = text.split()
    try:
        return _value(kind, text, words)
    except (ValueError, IndexError):
        found = repr(" ".join(words[:3])) if words else "nothing"
        raise BadValueError(f"parameter {name} needs {EXPECTED[kind]}, and has {found}") from None


def _value(kind: str, text: str, words: list[str]) -> Value:
    if kind == "line":
        return text
    if kind == "string":
        return words[0] if words and not words[0].startswith(("#", "//")) else ""
    if kind == "vec":
        return float(words[0]), float(words[1]), float(words[2])
    word = words[0].split("//")[0].split("#")[0]
    if kind == "double":
        return float(word)
    number = int(word)
    if kind == "int":
        return number
    if number not in (0, 1):
        raise ValueError
    return bool(number)


def _table() -> dict[str, Parameter]:
    found = {}
    for row in TABLE.strip().splitlines():
        kind, name, *rest = row.split(maxsplit=2)
        text = rest[0] if rest else ""
        found[name] = Parameter(name, kind, _value(kind, text, text.split()))
    return found


PARAMETERS = _table()
