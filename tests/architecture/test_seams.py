"""No wall clock, randomness or environment outside the seams: ports, adapters, settings, passed-in seeds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import full_names, modules

CLOCK = re.compile(
    r"^time\.(time|time_ns|localtime|gmtime|ctime|sleep|monotonic(_ns)?|perf_counter(_ns)?|process_time)$"
    r"|^datetime\.(datetime|date)\.(now|utcnow|today)$"
)
SEEDED = "default_rng|Generator|SeedSequence|BitGenerator|PCG64|PCG64DXSM|Philox|SFC64"
CHANCE = re.compile(
    rf"^random\.(?!Random$)|^secrets\.|^uuid\.uuid[14]$|^os\.urandom$|^numpy\.random\.(?!({SEEDED})$)"
)
SURROUNDINGS = re.compile(r"^os\.(environ|getenv|putenv)\b|^locale\.|^getpass\.")

# Where a seam is, and why. A folder ends with a slash.
ALLOWED = {
    "adapters/": "the outside lives here",
    "config/": "the only reader of files and environment",
    "compiled.py": "numba reads its folder from the environment only",
    "services/random_tokens.py": "words that nobody guesses are not chance that a result depends on",
    "services/running/process_tree.py": "a process hands its surroundings to those it starts, and learns who started "
    "it",
    "services/running/job_process.py": "a process hands its surroundings to the one it starts",
    "views/cli/tree.py": "a process hands its surroundings to those it starts",
    "views/cli/tree_watch.py": "a process reads what the one before it handed it, and hands it to those it starts",
    "views/cli/demo.py": "the demonstration's parts learn from it which world they live in",
    "views/cli/demo_account.py": "a process hands its surroundings to those it starts",
    "views/cli/progress.py": "how long a person has been waiting",
    "research/sweep/row_store.py": "when the next part of a sweep is written; a test passes its own",
    "engine/run.py": "the default stopwatch of the timings; nothing that is decided reads it",
}


def breaches(name: str, tree: ast.AST) -> Iterator[str]:
    """Yield every use of clock, chance or surroundings in a file."""
    for full, node in full_names(tree):
        for what, pattern in (("clock", CLOCK), ("chance", CHANCE), ("surroundings", SURROUNDINGS)):
            if pattern.search(full):
                yield f"{name}:{node.lineno} {what}: {full}"
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and getattr(node.func, "attr", "") in ("default_rng", "Random")
            and not node.args
        ):
            yield f"{name}:{node.lineno} chance: a generator without a seed"


def is_allowed(module):
    """Tell whether a module is a seam, or in a folder of them."""
    return any(
        module.shown == place or (place.endswith("/") and module.shown.startswith(place)) for place in ALLOWED
    )


def test_no_clock_chance_or_surroundings_outside_the_seams():
    found = [
        one for module in modules() if not is_allowed(module) for one in breaches(module.shown, module.tree)
    ]
    assert found == []


def test_every_seam_still_needs_its_permission():
    for place in ALLOWED:
        inside = [
            m for m in modules() if m.shown == place or (place.endswith("/") and m.shown.startswith(place))
        ]
        assert any(list(breaches(m.shown, m.tree)) for m in inside), f"{place} needs no permission any more"


@pytest.mark.parametrize(
    "planted",
    [
        "import time\nx = time.time()",
        "from time import monotonic as now\nx = now()",
        "import datetime as dt\nx = dt.datetime.now()",
        "from datetime import datetime\nx = datetime.utcnow()",
        "import numpy as np\nx = np.random.rand(3)",
        "import numpy as np\nx = np.random.default_rng()",
        "import random\nx = random.Random()",
        "from random import shuffle\nshuffle([])",
        "import os\nx = os.environ['HOME']",
        "import os\nx = os.environ.get('HOME')",
        "from uuid import uuid4\nx = uuid4()",
    ],
)
def test_planted_breaches_are_found(planted):
    assert len(list(breaches("planted", ast.parse(planted)))) == 1


def test_seeded_generators_are_no_breach():
    planted = "import numpy as np\ndef f(seed: int) -> np.random.Generator:\n    return np.random.default_rng(seed)\n"
    assert list(breaches("planted", ast.parse(planted))) == []
