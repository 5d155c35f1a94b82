"""A trained model: what it holds, its folder and card, and how it is sampled."""
