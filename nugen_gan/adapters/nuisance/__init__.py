"""NUISANCE's flat trees."""
