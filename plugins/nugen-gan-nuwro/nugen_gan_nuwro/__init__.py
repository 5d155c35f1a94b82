"""NuWro's command line, parameter files and output, with models of nugen-gan behind them."""
