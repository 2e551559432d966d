"""``python -m labeling.cli``."""

from labeling.cli import main

main()
