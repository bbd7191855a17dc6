"""The table of what readers did: ``python -m tests.readers.table FOLDER [FOLDER]``, the second as it was before.

A folder holds one folder a reading, ``trader-phone-fr``, with its ``log.jsonl``.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# Orders that a person would make with a hand.
USED: Final = ("click", "tap", "type", "choose", "key", "keys", "point", "back", "hover")


@dataclass(slots=True)
class Tried:
    """One task in one reading."""

    begun: float
    ended: float | None = None
    is_done: bool = False
    interactions: int = 0
    hesitations: int = 0


def read(log: Path) -> Mapping[int, Tried]:
    """Return the tasks of one reading by their number."""
    tasks: dict[int, Tried] = {}
    current: Tried | None = None
    for line in log.read_text("utf-8").splitlines():
        event = json.loads(line)
        kind, text = event["kind"], str(event.get("text", ""))
        if kind == "begin":
            current = tasks.setdefault(int("".join(filter(str.isdigit, text))[:1] or 0), Tried(event["t"]))
        elif current is not None:
            if kind in USED:
                current.interactions += 1
            elif kind == "hesitate":
                current.hesitations += 1
            elif kind in ("answer", "give-up"):
                current.ended, current.is_done = event["t"], kind == "answer"
    return tasks


def rows(folder: Path) -> dict[tuple[str, int], str]:
    """Return how each task went, by person and number."""
    tried: dict[tuple[str, int], list[Tried]] = defaultdict(list)
    for log in sorted(folder.glob("*-*-*/log.jsonl")):
        for number, task in read(log).items():
            tried[log.parent.name.split("-")[0], number].append(task)
    return {
        key: f"{sum(one.is_done for one in some)} of {len(some)}; "
        f"{statistics.median(one.interactions for one in some):.0f}; "
        f"{statistics.median([one.ended - one.begun for one in some if one.ended] or [0]):.0f} s; "
        f"{statistics.median(one.hesitations for one in some):.0f}"
        for key, some in sorted(tried.items())
    }


def main() -> int:
    """Print the table: done, then the medians of interactions, seconds and hesitations."""
    tables = [rows(Path(folder)) for folder in sys.argv[1:]]
    names = ["now", "before"][: len(tables)]
    print("| person | task |", " | ".join(names), "|")
    print("|---|---|" + "---|" * len(tables))
    for person, number in sorted(tables[0]):
        told = " | ".join(table.get((person, number), "not tried") for table in tables)
        print(f"| {person} | {number} | {told} |")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
