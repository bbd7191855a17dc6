"""What the demonstration takes of memory: starts `vigie demo`, samples its processes, prints the table.

PSS counts a page shared by several processes once, split among them: the sum is what the machine gives. RSS beside
it counts shared pages as often as they are seen. Linux only.

``python -m benchmarks.demo_memory --minutes 60`` runs the hour that the budget speaks of; ``--write`` puts the table
into docs/demo.md.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from typing import Final, NamedTuple

from benchmarks.marked import put

ROOT: Final = Path(__file__).parents[1]
PAGE: Final = ROOT / "docs" / "demo.md"
NAME: Final = "demo memory"
BUDGET_MB: Final = 900
# What is compiled takes its room for a second or two.
EVERY_S: Final = 1.0
PAGE_EVERY_S: Final = 5.0
# What people do meanwhile: pages that read bars, asked for in turn.
PAGES: Final = ("/", "/markets", "/asset/bitcoin", "/backtests", "/strategies", "/trading", "/journal")


class Sample(NamedTuple):
    """One process at one moment, MB."""

    pss: float
    rss: float


def tree_of(root: int) -> dict[int, str]:
    """Return the processes below and with one, by id, named by what they do."""
    parents: dict[int, list[int]] = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(fields[1])].append(int(entry.name))
    found, waiting = {}, [root]
    while waiting:
        one = waiting.pop()
        found[one] = _name(one)
        waiting += parents[one]
    return found


def _name(process: int) -> str:
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode().replace("\0", " ").split()
    except OSError:
        return "gone"
    known = {"serve": "serve", "collect": "collect", "sandbox": "world", "demo": "parent", "link": "link"}
    if "--hand" in words:
        return "work, the job's process"
    if "--stem" in words:
        return "work, what the job's process is copied from"
    if "--work" in words:
        return "collect and work"
    if "work" in words:
        return "work"
    if "trade" in words and "--compile" not in words:
        return "trade"
    if not {"wait", "learn", "replay", "--compile"}.isdisjoint(words):
        return "trade, a step before"
    return next((known[word] for word in words if word in known), "other")


def sample(root: int) -> dict[str, Sample]:
    """Return the memory of every process of a tree, by name."""
    found: dict[str, Sample] = {}
    for process, name in tree_of(root).items():
        try:
            text = Path(f"/proc/{process}/smaps_rollup").read_text()
        except OSError:  # ended meanwhile
            continue
        sizes = [re.search(rf"^{word}:\s+(\d+)", text, re.MULTILINE) for word in ("Pss", "Rss")]
        pss, rss = (int(size[1]) / 1_024 if size else 0.0 for size in sizes)
        before = found.get(name, Sample(0.0, 0.0))
        found[name] = Sample(before.pss + pss, before.rss + rss)
    return found


def run(minutes: float, *, home: Path, port: int) -> tuple[list[tuple[float, dict[str, Sample]]], str]:
    """Run a new demonstration for some minutes; return (seconds, samples) and the link's address."""
    environ = {**os.environ, "VIGIE_HOME": str(home)}
    said = home.with_name("demo.log")
    with said.open("w") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "vigie", "demo", "--port", str(port)],
            env=environ, stdout=subprocess.PIPE, stderr=out, text=True,
        )  # fmt: skip
    try:
        assert demo.stdout is not None
        begun = time.monotonic()
        link = demo.stdout.readline().strip()
        if not link:
            raise SystemExit(f"the demonstration did not start:\n{said.read_text()}")
        print(f"ready after {time.monotonic() - begun:.1f} s", flush=True)
        cookies = home.with_name("cookies")
        visit = ["curl", "-s", "-o", os.devnull, "-L", "-c", str(cookies), "-b", str(cookies)]
        subprocess.run([*visit, link], check=False, timeout=60)
        site = link.partition("/link/")[0]
        found: list[tuple[float, dict[str, Sample]]] = []
        pages, due, said_at = cycle(PAGES), 0.0, 0.0
        while (passed := time.monotonic() - begun) < minutes * 60:
            if passed >= due:
                subprocess.run([*visit, "-m", "30", f"{site}{next(pages)}"], check=False)
                due = passed + PAGE_EVERY_S
            found.append((passed, sample(demo.pid)))
            if passed >= said_at:
                print(_line(*found[-1]), flush=True)
                said_at = passed + 60.0
            time.sleep(EVERY_S)
        return found, site
    finally:
        demo.send_signal(signal.SIGINT)
        demo.wait(60)


def _line(passed: float, now: dict[str, Sample]) -> str:
    parts = "  ".join(f"{name} {one.pss:.0f}/{one.rss:.0f}" for name, one in sorted(now.items()))
    return f"{passed / 60:5.1f} min  PSS {_pss(now):.0f}  RSS {_rss(now):.0f}   {parts}"


def _pss(now: dict[str, Sample]) -> float:
    return sum(one.pss for one in now.values())


def _rss(now: dict[str, Sample]) -> float:
    return sum(one.rss for one in now.values())


def table(found: Sequence[tuple[float, dict[str, Sample]]]) -> str:
    """Return the table of a run in Markdown."""
    last, most = found[-1][1], max(found, key=lambda one: _pss(one[1]))
    names = sorted({name for _, now in found for name in now if name not in ("gone", "other", "link")})
    lines = [
        "| Process | PSS at the end, MB | RSS at the end, MB | Most PSS, MB |",
        "|---|---|---|---|",
    ]
    for name in names:
        highest = max(now[name].pss for _, now in found if name in now)
        end = last.get(name, Sample(0.0, 0.0))
        lines.append(f"| {name} | {end.pss:.0f} | {end.rss:.0f} | {highest:.0f} |")
    peak = f"**{_pss(most[1]):.0f}** (after {most[0] / 60:.1f} min)"
    lines.append(f"| **all** | **{_pss(last):.0f}** | {_rss(last):.0f} | {peak} |")
    return "\n".join(lines)


def main() -> int:
    """Run, print, and fail above the budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--port", type=int, default=18_500, help="a free one; two measurements need two")
    parser.add_argument("--write", action="store_true", help="into docs/demo.md")
    given = parser.parse_args()
    # Whoever ends the measurement ends the demonstration, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="vigie-demo-memory-") as folder:
        home = Path(folder) / "home"
        found, _ = run(given.minutes, home=home.with_name("home-demo"), port=given.port)
    today = datetime.now(UTC).date()
    minutes = found[-1][0] / 60
    text = (
        f"{table(found)}\n\nA run of {minutes:.0f} minutes on {today}, Linux, {os.cpu_count()} processors, "
        f"{len(found)} samples; a page was asked for every {PAGE_EVERY_S:g} s. "
        f"The budget is {BUDGET_MB} MB of PSS in all."
    )
    print(text)
    if given.write:
        put(PAGE, NAME, text)
    return 0 if _pss(found[-1][1]) < BUDGET_MB else 1


if __name__ == "__main__":
    sys.exit(main())
