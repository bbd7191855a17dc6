"""Files as they are understood, before anything of them is stored or run on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from vigie.data.importer import FileProblem, find_files, infer_timeframe
from vigie.data.intake.form import SILENT, FileForm
from vigie.data.intake.names import read_name
from vigie.data.intake.preview import Preview, build_preview, first_rows, to_open_times
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
) -> tuple[list[Preview], list[FileProblem]]:
    """Return the first three rows of files as they are understood, one file of each form; nothing is stored.

    Returns
    -------
    list of Preview
        At most `MOST_SHOWN`.
    list of FileProblem
        Files among those looked at that cannot be understood.
    """
    previews: dict[tuple[str, ...], Preview] = {}
    problems: list[FileProblem] = []
    for path in find_files(paths)[0]:
        if len(previews) + len(problems) >= MOST_SHOWN:
            break
        try:
            file_name = read_name(
                path, venue=venue, symbol=symbol, timeframe=timeframe, needs_venue=needs_venue
            )
            raw = first_rows(path, file_name, form)
            frame = file_name.timeframe or infer_timeframe(raw["timestamp"])
            preview = build_preview(
                path, file_name, frame, to_open_times(raw, timeframe_ms(frame), form), form
            )
        except (UsageError, DataError) as fault:
            problems.append(FileProblem(str(path), str(fault), is_usage=isinstance(fault, UsageError)))
            continue
        previews.setdefault(
            (path.suffix, preview.exporter, preview.instrument, preview.timeframe, *preview.notes), preview
        )
    return list(previews.values()), problems
