"""Files as they are understood, before anything of them is stored or run on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vigie.data.importer import Problem, find_files, spacing
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.names import read_name
from vigie.data.intake.preview import Preview, first_rows, preview_of, stamped
from vigie.domain.errors import DataError, UsageError
from vigie.domain.time import timeframe_ms

# Of a folder, so many files of different forms are shown.
MOST_SHOWN: Final = 5


def preview_files(
    paths: Sequence[Path],
    *,
    venue: str = "",
    symbol: str = "",
    timeframe: str = "",
    form: FileForm = SILENT,
    needs_venue: bool = True,
) -> tuple[list[Preview], list[Problem]]:
    """Return the first three rows of files as they are understood, one file of each form; nothing is stored.

    Returns
    -------
    list of Preview
        At most `MOST_SHOWN`.
    list of Problem
        Files among those looked at that cannot be understood.
    """
    found: dict[tuple[str, ...], Preview] = {}
    problems: list[Problem] = []
    for path in find_files(paths)[0]:
        if len(found) + len(problems) >= MOST_SHOWN:
            break
        try:
            named = read_name(path, venue=venue, symbol=symbol, timeframe=timeframe, needs_venue=needs_venue)
            raw = first_rows(path, named, form)
            frame = named.timeframe or spacing(raw["timestamp"])
            one = preview_of(path, named, frame, stamped(raw, timeframe_ms(frame), form), form)
        except (UsageError, DataError) as fault:
            problems.append(Problem(str(path), str(fault), is_usage=isinstance(fault, UsageError)))
            continue
        found.setdefault((path.suffix, one.exporter, one.instrument, one.timeframe, *one.notes), one)
    return list(found.values()), problems
