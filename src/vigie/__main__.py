"""Let `python -m vigie` be the command line."""

from vigie.views.cli.main import run

run()
