from pathlib import Path

import pytest

from nugen_gan.adapters.cross_section_units import unit_of
from nugen_gan.errors import UsageError
from nugen_gan.physics.process import Process

CARBON = Process.from_name("numu_cc_C12")


@pytest.mark.parametrize(
    "text",
    [
        "# sigma [1e-38 cm2 / nucleon]",
        "# sigma [10^-38 cm^2 per nucleon]",
        r"# $1 \\times 10^{-38} \\mathrm{cm}^2$ per nucleon",
        "# E_low[GeV] E_high[GeV] sigma[1e-38 cm2 per nucleon], flux-averaged over a flat flux",
    ],
)
def test_a_unit_that_is_understood_whole(text):
    assert unit_of(text.replace("\\\\", "\\"), Path("x.txt"), CARBON) == pytest.approx(1.2e-37)


@pytest.mark.parametrize(
    "text",
    [
        "# 5 x 10^-38 cm2 per nucleon",
        "# 2 \\times 10^{-38} cm^2 per nucleon",
        "# 1e-38 cm^2 per nucleon GeV^-1",
        "# sigma/E [1e-38 cm2 per nucleon]",
        "# sigma/E_nu [1e-38 cm2 / nucleon]",
        "# sigma_over_E 1e-38 cm2 per nucleon",
        "# 1e-38 cm2 per nucleon, multiply by 1e-1",
        "# 1e-38 cm2 per nucleon per GeV",
    ],
)
def test_a_factor_or_a_divisor_is_not_passed_over(text):
    with pytest.raises(UsageError):
        unit_of(text, Path("x.txt"), CARBON)
