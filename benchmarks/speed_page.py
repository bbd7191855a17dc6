"""Rewrites the table of docs/speed.md from `latest.json`: ``python -m benchmarks.speed_page``."""

from __future__ import annotations

import json

from benchmarks.marked import put
from benchmarks.run import LATEST, MIB, ROOT

PAGE = ROOT / "docs" / "speed.md"
NAME = "table"


def table(rows: list[dict], facts: dict) -> str:
    """Return the rows as Markdown, with what they were measured on."""
    libraries = f"numpy {facts['numpy']}, numba {facts['numba']}"
    lines = [
        f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, {libraries}; medians.",
        "",
        "| workload | ours | reference | its figure | ratio | memory | goal | |",
        "|---|---:|---|---:|---:|---:|---|---|",
    ]
    for row, aim in zip(rows, facts["goals"], strict=True):
        reference = "" if row["reference_ms"] is None else f"{row['reference_ms']:,.4g}"
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.2f}"
        memory = "" if row["rss_mb"] is None else f"{row['rss_mb'] / MIB:.0f} MiB"
        met = {None: "", True: "met", False: "**missed**"}[aim["met"]]
        ours = f"{row['ours_ms']:,.4g}"
        cells = (row["workload"], ours, row["reference"], reference, ratio, memory, aim["goal"], met)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Rewrite the page."""
    rows = json.loads(LATEST.read_text(encoding="utf-8"))
    facts = json.loads(LATEST.with_suffix(".machine.json").read_text(encoding="utf-8"))
    put(PAGE, NAME, table(rows, facts))


if __name__ == "__main__":
    main()
