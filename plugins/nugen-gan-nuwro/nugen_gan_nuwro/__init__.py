"""NuWro's command line, with events of nugen-gan."""
