"""nugen-gevgen and its companions: the command lines that people write, and the files they find."""

import functools
import shlex
from pathlib import Path

import numpy as np
import pytest
import uproot

import nugen_gan

MODULE = ("nugen-gan-genie", "nugen_gan_genie.gevgen")
QUICK = "-n 300 -p 14 -t 1000060120 --seed 3"


@pytest.fixture
def gevgen(command):
    run = functools.partial(command, *MODULE)
    return lambda line: run(*shlex.split(line))


@pytest.fixture
def shim(command):
    def run(name, line):
        return command(MODULE[0], "nugen_gan_genie.shims", *shlex.split(line), name=name)

    return run


@pytest.fixture
def flux_file(tmp_path):
    with uproot.recreate(tmp_path / "flux.root") as file:
        for name in ("flux_numu", "numu_fhc", "flux_nd"):
            file[name] = (np.array([1.0, 3.0, 2.0, 1.0]), np.array([0.4, 1.0, 2.0, 3.0, 5.0]))
    (tmp_path / "flux.txt").write_text("0.2 1\n1 4\n5 1\n")


def test_it_leaves_what_scripts_look_for(gevgen):
    done = gevgen(f"{QUICK} -e 1 --event-generator-list CC -r 7 --cross-sections x.xml")
    assert done.code == 0, done.err
    assert "model numu_cc_C12_genie, which learned from GENIE" in done.out
    assert "not GENIE itself" in done.out
    assert "--cross-sections is passed over" in done.out
    assert sorted(path.name for path in Path().glob("*")) == [
        "gntp.7.gst.root", "gntp.7.gtrac.root", "gntp.7.status",
    ]  # fmt: skip
    gst, tracker = (nugen_gan.read(f"gntp.7.{kind}.root") for kind in ("gst", "gtrac"))
    assert len(gst) == 300
    np.testing.assert_allclose(gst.elep, tracker.elep, atol=1e-6)
    assert "300 events of 300" in Path("gntp.7.status").read_text()


# Of ../shared/data/commandlines.md: what is made, by words of its output, or why it is refused.
LINES = [
    ("-n 100 -p 14 -t 1000060120 -e 0,10 --cross-sections xsec.xml --seed 42 --cc-only", 2,
     "0.88% of it between the threshold of 0.112 GeV and 0.2 GeV"),
    ("-n 100 -p 14 -t 1000060120 -e 0,10 --cross-sections xsec.xml --seed 42 --cc-only --restrict",
     0, "GENIE would run at 0 GeV alone"),
    ("-n 100 -p 14 -t 1000180400 -e 0.,10. --event-generator-list CC --tune AR23_20i_00_000 "
     "--cross-sections xsec.xml -f flux.root,flux_numu -o out.root", 2,
     "learned from NuWro 25.11. Leave out --tune"),
    ("-n 100 -p 14 -t 1000180400 -e 0.,10. --event-generator-list CC "
     "--cross-sections xsec.xml -f flux.root,flux_numu -o out.root", 0,
     "written: out.gst.root and out.gtrac.root"),
    ("-n 100 -t 1000060120[0.9231],1000010010[0.0769] -p 14 --cross-sections xsec.xml "
     "--event-generator-list CC --seed 0 -f flux.root,numu_fhc -e 0.1,50 -o out.root", 2,
     "generate --target makes a file of each"),
    ("-n 20 -p 14 -t 1000260560 -e 0,40 -f flux.root,flux_nd --seed 7 --cross-sections xsec.xml "
     "--event-generator-list CC -r 12", 2, "no model of numu_cc_Fe56 is at hand"),
    ("-n 50 -p -14 -t 1000060120 -e 1 --cross-sections xsec.xml --run 3 --cc-only", 0,
     "gntp.3.gst.root"),
    ("-n 50 -p 14 -t 1000060120 -e 0.5,5 -f 'x*x*exp((-x*x+3)/4)' --cross-sections xsec.xml "
     "--message-thresholds Messenger.xml --event-generator-list CC", 0, "50 events"),
    ("-n 50 -p 14 -t 1000060120 -e 0.2,5 -f flux.txt --cross-sections xsec.xml "
     "--event-generator-list Default+CCMEC", 2, "--cc-only"),
    ("-n 50 -p 14 -t 1000060120 -e 0.2,5 -f flux.txt --cross-sections xsec.xml "
     "--event-generator-list Default+CCMEC --cc-only", 0, "the charged currents are made"),
    ("-n 50 -p 14 -t 1000060120 -e 1 --event-generator-list CCQE --cross-sections xsec.xml", 0,
     "50 events"),
    ("-n 50 -p -14,14 -t 1000060120 -e 1 --cross-sections xsec.xml --message_thresholds M.xml", 2,
     "a model is of one neutrino"),
    ("-n 50 -p 14 -t 1000060120 -e 1 --tune G18_02a_00_000 --event-generator-list CC", 2,
     "learned from GENIE's G18_10a_02_11a"),
    ("-n 50 -p 14 -t 1000060120 -e 1 --event-generator-list NC", 2, "a model makes CC, CCQE"),
    ("-n 50 -p 14 -t 1000060120 -w -e 1", 2, "weighted events are not made"),
    ("-n 50 -p 14 -t 1000060120 --nonsense 1", 2, "gevgen has no option '--nonsense'"),
    ("-n 50 -p 14 -e 1", 2, "gevgen needs a target"),
    ("-n many -p 14 -t 1000060120 -e 1", 2, "a whole number"),
    ("-n 5 -p 14 -t 1000060120 -e 5,1 --cc-only", 2, "the smaller energy comes first"),
]  # fmt: skip


@pytest.mark.usefixtures("flux_file")
@pytest.mark.parametrize(("line", "code", "words"), LINES)
def test_command_lines_as_people_write_them(gevgen, line, code, words):
    result = gevgen(line)
    said = " ".join((result.out + result.err).split())
    assert (result.code, words in said) == (code, True), said
    if code:
        assert not [p for p in Path().glob("*") if not p.name.startswith("flux")]


def test_a_list_of_one_channel_gives_that_channel(gevgen):
    done = gevgen(f"{QUICK} -e 1 --event-generator-list CCQE")
    assert done.code == 0, done.err
    tree = uproot.open("gntp.0.gst.root")["gst"]
    assert tree.num_entries == 300
    assert tree["qel"].array(library="np").all()
    all_of_it = gevgen(f"{QUICK} -e 1 --event-generator-list CC")

    def sigma(out):
        return float(out.split("cross section ")[1].split()[0])

    assert 0.3 < sigma(done.out) / sigma(all_of_it.out) < 0.95


def test_the_flux_that_was_sampled_is_left(gevgen):
    assert gevgen(f"{QUICK} -e 0.5,5 -f 'x*exp(-x)' --event-generator-list CC").code == 0
    values, edges = uproot.open("input-flux.root")["spectrum"].to_numpy()
    centre = 0.5 * (edges[1:] + edges[:-1])
    wanted = np.where((centre > 0.5) & (centre < 5.0), centre * np.exp(-centre), 0.0)
    np.testing.assert_allclose(values, wanted / wanted.sum(), atol=2e-4)


def test_a_script_for_gst_finds_the_same_as_in_genie_s_own_file(gevgen, data):
    """Spectra and channels of GENIE's own events at their energies, within errors."""
    genuine = nugen_gan.read(data / "genie_numu_C12.gst.root")
    low, high = genuine.energy_range()
    done = gevgen(f"-n 4000 -p 14 -t 1000060120 -e {max(low, 0.2):.4f},{min(high, 10):.4f} -f 1/x "
                  "--event-generator-list CC --seed 5")  # fmt: skip
    assert done.code == 0, done.err
    ours = nugen_gan.read("gntp.0.gst.root")
    for table in (genuine, ours):
        assert (table.channel > 0).all()
    share = [
        np.mean((1.0 - t.elep / t.enu)[(t.enu > 1.0) & (t.enu < 2.0)]) for t in (genuine, ours)
    ]
    assert share[0] == pytest.approx(share[1], abs=0.05)


def test_gntpc_and_nuisflat(gevgen, shim):
    assert gevgen(f"{QUICK} -e 1 --event-generator-list CC").code == 0
    done = shim("gntpc", "-i gntp.0.ghep.root -f gst -o again.gst.root")
    assert done.code == 0, done.err
    np.testing.assert_allclose(
        nugen_gan.read("again.gst.root").elep, nugen_gan.read("gntp.0.gst.root").elep, atol=1e-6
    )
    done = shim("nuisflat", "-f GenericVectors -i GENIE:gntp.0.gtrac.root -o flat.root -q x=false")
    assert done.code == 0, done.err
    assert len(nugen_gan.read("flat.root")) == 300
    assert shim("gntpc", "-i gntp.0.gst.root -f ghep").code == 2
    assert shim("gntpc", "-f gst").code == 2
    assert shim("nuisflat", "-i gntp.0.gst.root").code == 2
    assert "usage: nugen-gntpc" in shim("gntpc", "--help").out


@pytest.fixture
def formula(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "plugins" / "nugen-gan-genie"))
    from nugen_gan_genie.formula import Formula

    return Formula


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x*exp(-x)", lambda x: x * np.exp(-x)),
        ("x*x*exp((-x*x+3)/4)", lambda x: x * x * np.exp((-x * x + 3) / 4)),
        ("2^x^2", lambda x: 2 ** (x**2)),
        ("-x**2+ 1e1", lambda x: -(x**2) + 10),
        ("TMath::Exp(-x) / pow(x, 2) + .5", lambda x: np.exp(-x) / x**2 + 0.5),
        ("1-2-3*x/2", lambda x: 1 - 2 - 3 * x / 2),
        ("gaus(x, 2, 0.5)", lambda x: np.exp(-0.5 * ((x - 2) / 0.5) ** 2)),
        ("TMath::Pi()*3", lambda x: 0 * x + 3 * np.pi),
    ],
)
def test_formulas(formula, text, wanted):
    x = np.linspace(0.1, 3.0, 20)
    np.testing.assert_allclose(formula(text)(x), wanted(x))


@pytest.mark.parametrize(
    "text",
    ["", "x +", "x x", "(x", "x)", "y", "exp x", "pow(x)", "__import__('os')", "x.real", "x;x",
     "exp(x" * 60, "(" * 200 + "x" + ")" * 200, "-" * 900 + "x", "1" * 2000],
)  # fmt: skip
def test_what_is_no_formula(formula, text):
    from nugen_gan.errors import UsageError

    with pytest.raises(UsageError):
        formula(text)
