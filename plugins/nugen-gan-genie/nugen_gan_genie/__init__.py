"""GENIE's command lines and what scripts look for afterwards, with models of nugen-gan behind."""
