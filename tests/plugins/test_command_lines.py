"""Command lines as people write them work with the drop-in of that name, or say why they do not.

The lines are typical public uses, with names replaced.  Numbers of events are cut down.  Where a
line is refused, the second column is what the message must name; ``+`` words are then added, with
which it works.
"""

import shlex

import numpy as np
import pytest
import uproot
from nugen_gan_genie import gevgen, gevgen_fnal, gntpc, nuisflat, prepare
from nugen_gan_nuwro import program as nuwro

CC = "--cc-only"
GEVGEN = [
    ("-n 100000 -p 14 -t 1000060120 -e 0,10 --cross-sections xsec.xml --seed 42",
     "lower end of a range without a flux", "-f 1 --cc-only --allow-extrapolation"),
    ("-n 100 -p 14 -t 1000180400 -e 0.,10. --event-generator-list CC --tune AR23_20i_00_000 "
     "--cross-sections xsec.xml -f flux.root,flux_numu -o out.root",
     "trained on NuWro 25.11", "--accept-tune --allow-extrapolation"),
    ("-n 200000 -p 14 -t 1000180400 -e 0,10 --tune AR23_20i_00_000 --event-generator-list CC",
     "lower end of a range without a flux", "-f x --accept-tune --allow-extrapolation"),
    ("-n 100000 -t 1000060120[0.9231],1000010010[0.0769] -p 14 --cross-sections xsec.xml "
     "--tune AR23_20i_00_000 --seed 0 -f flux.root,numu_fhc -e 0.1,50 -o out.root",
     "no model of numu_cc_H1 (7.69 % of the mass is H1)", None),
    ("-n 20000 -p 14 -t 1000260560 -e 0,40 -f flux.root,flux_nd --seed 7 --cross-sections "
     "xsec.xml --tune G18_10a_02_11a -r 12", "no model of numu_cc_Fe56", None),
    ("-n 5000 -p -14 -t 1000060120 -e 1 --cross-sections xsec.xml --run 3", "--cc-only", CC),
    ("-n 5000 -p 14 -t 1000060120 -e 0.5,5 -f 'x*x*exp((-x*x+3)/4)' --cross-sections xsec.xml "
     "--message-thresholds Messenger.xml", "--cc-only", CC),
    ("-n 5000 -p 14 -t 1000060120 -e 0.2,5 -f flux.txt --cross-sections xsec.xml "
     "--event-generator-list Default+CCMEC", "Default+CCMEC has neutral currents", CC),
    ("-n 5000 -p 14 -t 1000060120 -e 1 --event-generator-list CCQE --cross-sections xsec.xml",
     "", ""),
    ("-n 5000 -p -14,14 -t 1000060120 -e 1 --cross-sections xsec.xml --message_thresholds M.xml",
     "one neutrino", None),
]  # fmt: skip
NUWRO = [
    ("-i params.txt -o out.root", "dyn_qel_nc", CC),
    ("-o out.root -p beam_type=5 -p beam_inputroot=flux.root -p beam_inputroot_flux=numu "
     "-p number_of_events=1000 -p random_seed=3", "", ""),
    ("-i params.txt -o out.root -p kaskada_on=1 -p dyn_e_el=0 -p sf_fsi=1", "dyn_qel_nc", CC),
]  # fmt: skip
# As real parameter files are: neutral currents on, names of older versions.
PARAMS = """\
number_of_events = 500   // events
random_seed = 0
@target/C.txt
kaskada_on = 1
sf_coulomb = 1
dyn_qel_nc = 1
dyn_res_nc = 1
beam_energy = 1000
"""


@pytest.fixture
def place(tmp_path):
    """The files that the lines name."""
    edges = np.linspace(0.0, 40.0, 161)
    middle = 0.5 * (edges[1:] + edges[:-1])
    with uproot.recreate(tmp_path / "flux.root") as file:
        for name in ("flux_numu", "numu_fhc", "flux_nd"):
            file[name] = (np.exp(-((middle - 2.5) ** 2) / 2), edges)
        file["numu"] = (np.ones(8), np.linspace(0.2, 4.2, 9))
    enu = np.linspace(0.1, 6.0, 60)
    np.savetxt(tmp_path / "flux.txt", np.stack([enu, enu * np.exp(-enu)], axis=1))
    return tmp_path


def tried(program, main, line, reason, more, fewer):
    """Run a line as it stands; then, if it was refused, with what the message has named."""
    words = [*shlex.split(line), *fewer]
    first = program(main, *words)
    if not reason:
        assert first.code == 0, first.said
        return
    assert first.code == 2, first.said
    assert reason in first.said
    if more is not None:
        second = program(main, *words, *shlex.split(more))
        assert second.code == 0, second.said


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize(("line", "reason", "more"), GEVGEN)
def test_gevgen(line, reason, more, program):
    tried(program, gevgen.main, line, reason, more, ("-n", 100))


@pytest.mark.parametrize(("line", "reason", "more"), NUWRO)
def test_nuwro(line, reason, more, program, place):
    if "params.txt" in line:  # which is also read where it is not named
        (place / "params.txt").write_text(PARAMS)
    tried(program, nuwro.main, line, reason, more, ("-p", "number_of_events=100"))


@pytest.mark.usefixtures("place")
def test_gevgen_of_beam_simulations(program):
    line = (
        "-f dk2nu.root,DET -g det.gdml -t TOP -L cm -D g_cm3 -e 1e15 -r 1 --cross-sections "
        "xsec.xml --tune AR23_20i_00_000 --seed 1 -o out"
    )
    tried(program, gevgen_fnal.main, line, "nugen-evtlib", None, ())


def test_the_chain_behind_gevgen(program, place):
    """As it is written for a file of GENIE's, and for a mixture whose hydrogen has no model."""
    quick = "-n 200 -p 14 -t 1000060120 -e 0.2,5 -f x*exp(-x) --event-generator-list CC"
    assert program(gevgen.main, *shlex.split(quick)).code == 0
    for main, line, reason in (
        (gntpc.main, "-i gntp.0.ghep.root -f gst", ""),
        (gntpc.main, "-i gntp.0.ghep.root -f rootracker -o gntp.0.gtrac.root", ""),
        (prepare.main, "-i gntp.0.ghep.root -f flux.root,numu_fhc -t "
         "1000060120[0.9231],1000010010[0.0769] -o prep.root", "no events on 1000010010"),
        (prepare.main, "-i gntp.0.ghep.root -m 0.6 -t 1000060120 -o prep.root", ""),
        (nuisflat.main, "-f GenericVectors -i GENIE:prep.root -o flat.root", ""),
    ):  # fmt: skip
        tried(program, main, line, reason, None, ())
    with uproot.open(place / "flat.root") as file:
        assert file["FlatTree_VARS"].num_entries == 200


def test_the_chain_behind_nuwro(program, place):
    made = program(nuwro.main, "-o", "out.root", "-p", "number_of_events=200")
    assert made.code == 0, made.said
    tried(program, prepare.main, "-f out.root -o prep.root", "", None, ())
    line = '-i NuWro:prep.root -o flat.root -q "nuisflat_SaveSignalFlags=false"'
    tried(program, nuisflat.main, line, "", None, ())
    with uproot.open(place / "flat.root") as file:
        assert file["FlatTree_VARS"].num_entries == 200
