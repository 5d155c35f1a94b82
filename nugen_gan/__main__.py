"""``python -m nugen_gan``: the same as the command ``nugen-gan``."""

from nugen_gan.cli.main import main

main()
