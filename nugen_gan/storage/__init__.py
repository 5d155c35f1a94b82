"""Files: outputs that appear only when complete, ROOT, text, and what comes with the package."""
