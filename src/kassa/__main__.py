"""``python -m kassa``: the same as the command `kassa`."""

from kassa.cli.main import main

main()
