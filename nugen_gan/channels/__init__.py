"""Reaction channels of generated events: a calibrated classifier."""
