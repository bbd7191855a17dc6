"""The suites of the simulated world at ten odd hours: around midnight, settlements of funding, ends of months.

``python -m tests.contracts.odd`` (``make odd``) runs them one hour after the other and prints a row for each;
``--hours 1,4`` runs some.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from typing import Final

from vigie.domain.time import iso, parse_time

SUITES: Final = ("test_live_venues", "test_collecting", "test_parts_apart", "test_sources")
HOURS: Final = {
    "1.5 s before midnight": ("2026-09-21T00:00:00Z", -1_500),
    "midnight, a Monday": ("2026-09-21T00:00:00Z", 0),
    "1 s after midnight": ("2026-09-22T00:00:00Z", 1_000),
    "2 s before funding of eight hours": ("2026-09-21T08:00:00Z", -2_000),
    "funding of eight hours": ("2026-09-21T16:00:00Z", 0),
    "1 s before a full hour": ("2026-09-21T14:00:00Z", -1_000),
    "30 s before a month ends": ("2026-10-01T00:00:00Z", -30_000),
    "2 s before a year ends": ("2027-01-01T00:00:00Z", -2_000),
    "29 February": ("2028-02-29T12:00:00Z", 0),
    "2 s before 29 February ends": ("2028-03-01T00:00:00Z", -2_000),
}


def main() -> int:
    """Run them; 1 where a test failed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument(
        "--hours", default=",".join(map(str, range(1, len(HOURS) + 1))), help="numbers of hours"
    )
    wanted = [int(one) for one in reader.parse_args().hours.split(",")]
    worst = 0
    print("| Opens | At | Result |\n|---|---|---|", flush=True)
    for name in [list(HOURS)[number - 1] for number in wanted]:
        at, shift = HOURS[name]
        opened = parse_time(at) + shift
        began = time.monotonic()
        files = [f"tests/contracts/{suite}.py" for suite in SUITES]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--no-header", *files],
            env=os.environ | {"VIGIE_TEST_OPENED": str(opened)}, capture_output=True, text=True,
        )  # fmt: skip
        (last,) = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-200:]]
        said = re.sub(r" in [\d.]+s.*", "", last)
        print(f"| {name} | {iso(opened)} | {said} |", flush=True)
        if done.returncode:
            worst = 1
            print(done.stdout[-4_000:], file=sys.stderr)
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return worst


if __name__ == "__main__":
    sys.exit(main())
