"""NuWro's event files and beam parameters."""
