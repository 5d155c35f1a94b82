"""GENIE's command lines, with events of nugen-gan."""
