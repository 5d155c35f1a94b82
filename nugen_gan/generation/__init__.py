"""Events of a model into a file: energies, mixtures of nuclei, streams."""
