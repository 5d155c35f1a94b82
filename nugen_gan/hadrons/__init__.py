"""The hadrons of an event, given its lepton: which there are, and their momenta."""
