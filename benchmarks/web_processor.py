"""What a page computes in a home full of news, without what other programs do to it: processor time of its thread.

    python -m benchmarks.web_processor --home HOME [--beside CHECKOUT] [--asked 120] [--all] [--write]

``HOME`` is the home of an ended demonstration (``HOME-demo`` beside the one it was given); copies of it are read. With
``--beside`` the same pages of another checkout are drawn in turns with this one's, so that a busy machine slows both
alike. With ``--all`` every page without a parameter in its address is drawn, too, and ``--write`` puts their table into
docs/web-speed.md. Linux only.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from benchmarks.marked import put
from vigie.domain.person import OWNER
from vigie.views.cli.main import SERVING_GC_THRESHOLD
from vigie.views.web.app import AppOptions, create_app
from vigie.views.web.identity import Identity
from vigie.views.web.page import pages
from vigie.views.web.rendering import render_page
from vigie.wiring.app_context import open_app_context

ROOT: Final = Path(__file__).parents[1]
# Page and what it is about.
PAGES: Final = {
    "asset": {"id": "bitcoin"}, "today": {}, "derivatives": {}, "news": {}, "mood": {}, "markets": {}
}  # fmt: skip
# The goal, ms, at the 95th percentile.
QUICK: Final = 50.0
# Pages are named in the table from this 95th percentile on, ms.
TOLD: Final = 25.0
NAME: Final = "web processor"
DOCUMENT: Final = ROOT / "docs/web-speed.md"
# How often a page is drawn in one turn.
TURN: Final = 12
KEY: Final = b"a key of a measured home, 32 byte"


def answer(home: Path) -> None:
    """Draw a page `TURN` times for each name that is read, and say what each time took, ms."""
    gc.set_threshold(*SERVING_GC_THRESHOLD)
    web = create_app(open_app_context(home), AppOptions(key=KEY, use_link=lambda _word: False)).state.web
    known = pages()

    def draw(name: str) -> float:
        page, about = known[name], PAGES.get(name, {})
        scope = {
            "type": "http", "method": "GET", "scheme": "http", "path": page.path.format(**about),
            "query_string": b"lang=en", "headers": [(b"host", b"127.0.0.1")], "client": ("127.0.0.1", 0),
            "server": ("127.0.0.1", 0), "path_params": about, "state": {"browser": "measured"},
        }  # fmt: skip
        started = time.thread_time()
        context = web.request_context(Request(scope), Identity(OWNER))
        values = page.show(context)
        if not isinstance(values, Response):
            render_page(context, page, values)
        return (time.thread_time() - started) * 1e3

    for line in sys.stdin:
        print(json.dumps([draw(line.strip()) for _ in range(TURN)]), flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="the home of an ended demonstration")
    parser.add_argument("--beside", type=Path, help="another checkout")
    parser.add_argument("--asked", type=int, default=120, help="times that each page is drawn")
    parser.add_argument(
        "--all", action="store_true", help="every page without a parameter in its address, too"
    )
    parser.add_argument("--write", action="store_true", help="into docs/web-speed.md")
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.answer:
        answer(given.home)
        return 0
    # The other checkout need not have this file.
    words = [sys.executable, str(Path(__file__).resolve()), "--answer", "--home"]
    with tempfile.TemporaryDirectory(prefix="vigie-processor-") as folder:
        drawers = {}
        for checkout in (ROOT, *([given.beside.resolve()] if given.beside else [])):
            home = shutil.copytree(given.home, Path(folder) / str(len(drawers)))
            (home / "simulated.json").unlink(missing_ok=True)
            drawers[checkout] = subprocess.Popen(
                [*words, str(home)], env={**os.environ, "PYTHONPATH": f"{checkout / 'src'}:{checkout}"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
        drawn: dict[str, list[float]] = {}
        others = [name for name, page in pages().items() if given.all and "{" not in page.path]
        for name in dict.fromkeys((*PAGES, *others)):
            times: dict[Path, list[float]] = {checkout: [] for checkout in drawers}
            for turn in range(given.asked // TURN + 1):
                for checkout, process in drawers.items():
                    assert process.stdin is not None
                    assert process.stdout is not None
                    process.stdin.write(f"{name}\n")
                    process.stdin.flush()
                    took = json.loads(process.stdout.readline())
                    # The first turn loads what the page needs.
                    times[checkout] += took if turn else []
            for checkout, taken in times.items():
                taken.sort()
                middle, late = _middle_and_late(taken)
                print(
                    f"{name:12} {checkout}: p50 {middle:.1f} ms, p95 {late:.1f}, max {taken[-1]:.1f}",
                    flush=True,
                )
            drawn[name] = times[ROOT]
        for process in drawers.values():
            process.kill()
            process.wait()
    print(f"load {os.getloadavg()[0]:.1f} at the end")
    if given.write:
        put(DOCUMENT, NAME, _table(drawn))
    return 0


def _middle_and_late(taken: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile of sorted times."""
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


def _table(drawn: Mapping[str, list[float]]) -> str:
    """Return the table of pages that take the most, and how many others there are."""
    figures = {name: _middle_and_late(taken) for name, taken in drawn.items()}
    shown = sorted((name for name in figures if figures[name][1] >= TOLD), key=lambda name: -figures[name][1])
    known, above = pages(), sum(late > QUICK for _, late in figures.values())
    title = (
        f"**{len(figures)} pages in the home of a demonstration with its past**, processor time (goal: p95 below "
        f"{QUICK:.0f} ms; above it: {above}). All other pages have a p95 below {TOLD:.0f} ms."
    )
    rows = [
        f"| `{known[name].path.format(**PAGES.get(name, {}))}` | {figures[name][0]:.0f} | {figures[name][1]:.0f} |"
        for name in shown
    ]
    measured = (
        f"Measured on {datetime.now(UTC).date()}, Linux, load {os.getloadavg()[0]:.1f} at the end, each page drawn "
        f"{len(next(iter(drawn.values())))} times."
    )
    return "\n".join([title, "", "| Page | p50, ms | p95, ms |", "|---|---|---|", *rows, "", measured])


if __name__ == "__main__":
    sys.exit(main())
