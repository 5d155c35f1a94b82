"""Does a file keep the conventions of NuHepMC 1.0?  One answer for each of them."""

from nugen_gan.adapters.nuhepmc.check.checking import check
from nugen_gan.adapters.nuhepmc.check.report import Finding, Report

__all__ = ["Finding", "Report", "check"]
