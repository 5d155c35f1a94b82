"""How good a model is: metrics, figures and the report."""
