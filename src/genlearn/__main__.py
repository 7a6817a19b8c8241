"""``python -m genlearn`` is ``genlearn``."""

from .cli.main import main

main()
