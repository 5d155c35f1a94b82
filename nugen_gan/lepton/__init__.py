"""The fast sampler of the lepton: what a model's events are like, learned from the model itself."""
