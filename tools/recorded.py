"""What tests took, by file and by area, and the rule that an area may only get cheaper for the same cases.

Seconds are of the processor (user and system, children included), of all tests once: those whose lines count with
counting, as a whole run has them. Machines differ: beside them stands what a fixed piece of work took in the same run,
and only the ratio is compared, with room for what a shared machine adds.
"""

from __future__ import annotations

import hashlib
import json
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

HEAD: Final = """\
# Processor seconds of every test file, written by `python tools/run_tests.py all --record`: seconds and cases, then
# what of both is marked slow, browser or shared. The yardstick is what a fixed piece of work took in the same run. Who
# makes an area dearer says why: `--because "..."`.
"""
# A third more than before is no chance; an area of a second is. Of two records half an hour apart, without a change
# between them that tests could feel, areas of 50 s and more differ by a fifth, one by a third, smaller ones by up to a
# half: what several share counts for whoever asks first. All areas together differ by an eighth: they have less room.
ROOM: Final = 1.33
ROOM_TOGETHER: Final = 1.15
SMALL: Final = 5.0
TOGETHER: Final = "all areas together"


@dataclass(frozen=True, slots=True)
class Record:
    """What one run took.

    Parameters
    ----------
    yardstick : float
        Processor seconds of the fixed piece of work.
    files : dict of str to tuple
        File to seconds, cases, and of both what is deep.
    because : dict of str to str
        Area to the reason why it may be dearer than it was.
    """

    yardstick: float
    files: dict[str, tuple[float, int, float, int]]
    because: dict[str, str] = field(default_factory=dict)

    def areas(self) -> dict[str, tuple[float, int]]:
        """Return seconds and cases by folder of tests."""
        found: dict[str, tuple[float, int]] = {}
        for path, (seconds, cases, *_) in self.files.items():
            name = area(path)
            before = found.get(name, (0.0, 0))
            found[name] = (before[0] + seconds, before[1] + cases)
        return dict(sorted(found.items()))


def area(path: str) -> str:
    """Return the area of a test file: its wing below `tests/unit`, its folder elsewhere."""
    parts = path.split("/")
    return "/".join(parts[: 3 if parts[1] == "unit" and len(parts) > 3 else 2])


def yardstick() -> float:
    """Return the processor seconds of a fixed piece of work: sorting, hashing, reading and writing, as tests do."""
    before = time.process_time()
    for number in range(60):
        rows = [hashlib.sha256(f"{number} {row}".encode()).hexdigest() for row in range(4_000)]
        kept = json.loads(json.dumps({row: sorted(row) for row in rows[:1_000]}))
        assert len(kept) == 1_000
    return time.process_time() - before


def merged(parts: Iterable[Mapping[str, list[float]]]) -> dict[str, tuple[float, int, float, int]]:
    """Add up what several runs spent, by file; what no test took is left out."""
    found: dict[str, tuple[float, int, float, int]] = {}
    for part in parts:
        for path, (seconds, cases, deep, deep_cases) in part.items():
            if path:
                old = found.get(path, (0.0, 0, 0.0, 0))
                found[path] = (
                    old[0] + seconds,
                    old[1] + int(cases),
                    old[2] + deep,
                    old[3] + int(deep_cases),
                )
    return found


def load(path: Path) -> Record | None:
    """Read what was recorded, None where there is nothing."""
    if not path.is_file():
        return None
    kept = tomllib.loads(path.read_text(encoding="utf-8"))
    files = {
        name: (float(one[0]), int(one[1]), float(one[2]), int(one[3])) for name, one in kept["files"].items()
    }
    return Record(float(kept["yardstick"]), files, dict(kept.get("because", {})))


def dearer(old: Record, new: Record) -> dict[str, str]:
    """Return the areas whose cases take more than they did, with what they take and took.

    Compared are ratios to the yardstick; where cases were added, an area has as much more room. Where no area alone is
    beyond chance, all that are in both are compared together.
    """
    found = {}
    before = old.areas()
    taken_together = limit_together = 0.0
    for name, (seconds, cases) in new.areas().items():
        if name not in before or not before[name][1]:
            continue
        growth = max(1.0, cases / before[name][1])
        limit = before[name][0] / old.yardstick * growth
        taken = seconds / new.yardstick
        taken_together += taken
        limit_together += limit
        if is_dearer(taken, limit, ROOM, new.yardstick):
            found[name] = (
                f"{taken:.1f} yardsticks for {cases} cases, before {limit / growth:.1f} for {before[name][1]}"
            )
    if not found and is_dearer(taken_together, limit_together, ROOM_TOGETHER, new.yardstick):
        found[TOGETHER] = f"{taken_together:.1f} yardsticks, {limit_together:.1f} for as many cases before"
    return found


def is_dearer(taken: float, limit: float, room: float, yardstick: float) -> bool:
    """Tell whether what was taken, in yardsticks, is more than a limit with room and more than some seconds."""
    return taken > limit * room and (taken - limit) * yardstick > SMALL


def written(record: Record) -> str:
    """Return the record as it is kept."""
    lines = [HEAD, f"yardstick = {record.yardstick:.3f}", "", "# Seconds and cases, by area.", "[areas]"]
    lines += [f'"{name}" = [{seconds:.1f}, {cases}]' for name, (seconds, cases) in record.areas().items()]
    if record.because:
        lines += ["", "[because]"]
        lines += [f"{json.dumps(name)} = {json.dumps(why)}" for name, why in sorted(record.because.items())]
    lines += ["", "[files]"]
    lines += [
        f'"{path}" = [{seconds:.2f}, {cases}, {deep:.2f}, {deep_cases}]'
        for path, (seconds, cases, deep, deep_cases) in sorted(record.files.items())
    ]
    return "\n".join(lines) + "\n"


def compared(old: Record | None, new: Record) -> str:
    """Return a table of the areas: what they take, and how that differs."""
    before = old.areas() if old else {}
    lines = ["processor seconds by area, cases, and in yardsticks against the record:"]
    for name, (seconds, cases) in sorted(new.areas().items(), key=lambda entry: -entry[1][0]):
        change = ""
        if old and name in before and before[name][0]:
            ratio = seconds / new.yardstick / (before[name][0] / old.yardstick)
            change = f"{ratio:5.2f} of before ({before[name][1]} cases)"
        lines.append(f"{seconds:8.1f} s {cases:6d}  {name:28s} {change}")
    total = sum(seconds for seconds, _ in new.areas().values())
    return "\n".join([*lines, f"{total:8.1f} s in all, yardstick {new.yardstick:.2f} s"])


def keep(path: Path, new: Record, because: str) -> str:
    """Write a record, or return why not: an area got dearer and nobody says why.

    Parameters
    ----------
    path : Path
        The file.
    new : Record
        What a run took.
    because : str
        Why areas are dearer; empty where none should be.
    """
    old = load(path)
    worse = dearer(old, new) if old else {}
    if worse and not because:
        said = "; ".join(f"{name}: {words}" for name, words in worse.items())
        return f'not recorded, dearer than before: {said}; make it cheaper, or say why with --because "..."'
    kept = {name: why for name, why in (old.because if old else {}).items() if name in new.areas()}
    path.write_text(
        written(Record(new.yardstick, new.files, {**kept, **dict.fromkeys(worse, because)})), encoding="utf-8"
    )
    return ""
