"""The report of a comparison: verdicts, figures, page."""
