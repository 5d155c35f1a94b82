"""Neutrinos, nuclei, kinematics, fluxes and cross sections; no files, no networks."""
