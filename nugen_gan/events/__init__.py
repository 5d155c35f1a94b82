"""Tables of events, where they come from, and what a selection left."""
