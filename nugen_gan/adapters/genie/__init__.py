"""GENIE's summary trees, rootrackers, event libraries, splines and graphs."""
