"""NuHepMC: HepMC3 files with the conventions of the neutrino community."""
