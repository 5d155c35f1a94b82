"""Transfer learning from a model and few events."""
