"""Reweighting by learned density ratios, and the accept-reject step that uses them."""
