"""The hadrons of two samples compared: topologies, multiplicities, spectra, classifiers."""
