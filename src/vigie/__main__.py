"""Let `python -m vigie` be the command line, or what goes on with a tree of processes."""

import sys

# Written as in `vigie.views.cli.tree_handover`, which other commands need not load.
if sys.argv[1:] == ["demo", "watch"]:
    from vigie.views.cli.tree_watch import watch_tree as run
else:
    from vigie.views.cli.main import run

run()
