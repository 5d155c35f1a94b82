"""Fluxes as users have them: words, histograms, tables, beam parameters."""
