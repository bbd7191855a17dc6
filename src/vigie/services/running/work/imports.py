"""An import as a job: files of bars that lie in the home's own inbox, by name only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from vigie.data.intake.form import FileForm
from vigie.data.intake.names import is_bar_file
from vigie.domain.errors import UsageError
from vigie.services import data as bars_service
from vigie.services.house import House
from vigie.services.operation import Ask
from vigie.services.running.work import Report

KIND: Final = "import"
INBOX: Final = "inbox"
_NAME: Final = re.compile(r"[\w][\w .,()+-]{0,120}")


class ImportOrder(Ask):
    """Files of bars in the inbox below the home folder."""

    files: list[str] = Field(
        default_factory=list, max_length=500, description="Names of files; empty: every file that lies there."
    )
    venue: str = Field(default="", max_length=40, description="Where their names do not say it.")
    symbol: str = Field(default="", max_length=40, description="Where their names do not say it.")
    timeframe: str = Field(default="", max_length=4, description="Where their names do not say it.")
    map: str = Field(
        default="", max_length=1_000, description="Which column is which: `open=Ouverture,close=Clôture`."
    )
    tz: str = Field(default="", max_length=60, description="Zone of times that name none; empty means UTC.")
    date_format: str = Field(default="", max_length=100, description="Such as `DD/MM/YYYY HH:mm`.")
    decimal: Literal["", ".", ","] = Field(default="", description="Decimal sign.")
    stamp: Literal["", "open", "close"] = Field(default="", description="Which end of its bar a time is.")
    no_volume: bool = Field(default=False, description="The volume is unknown.")
    dry_run: bool = Field(default=False, description="Report what would change and write nothing.")

    def form(self) -> FileForm:
        """Return how the files are written, as far as the order says it."""
        return FileForm.of(
            columns=[self.map] if self.map else [], tz=self.tz, date_format=self.date_format,
            decimal=self.decimal, stamp=self.stamp, no_volume=self.no_volume,
        )  # fmt: skip


ASK = ImportOrder


def waiting(house: House) -> list[Path]:
    """Return the files of bars in the inbox, by name."""
    folder = Path(house.about["home"]) / INBOX
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.is_symlink() and is_bar_file(p))


def chosen(house: House, ask: ImportOrder) -> list[Path]:
    """Return the files of an order.

    Raises
    ------
    UsageError
        If one does not lie in the inbox, or there is none.
    """
    there = {path.name: path for path in waiting(house)}
    for name in ask.files:
        if not _NAME.fullmatch(name) or name not in there:
            raise UsageError(f"file must be one of {' '.join(there) or 'none'} in {INBOX}, was {name!r}")
    found = [there[name] for name in ask.files] or list(there.values())
    if not found:
        raise UsageError(f"no files of bars lie in the folder {INBOX} of this home; put some there first")
    return found


def run(house: House, ask: ImportOrder, report: Report) -> Mapping[str, Any]:
    """Import the files; what was stored before an interruption stays, and rows are never stored twice."""
    paths = chosen(house, ask)

    def tick(done: int, of: int, name: str) -> None:
        report(done / max(of, 1), f"series {done} of {of}", *([name] if name else []))

    found = bars_service.import_bars(
        house.data, paths, venue=ask.venue, symbol=ask.symbol, timeframe=ask.timeframe, form=ask.form(),
        dry_run=ask.dry_run, progress=tick,
    )  # fmt: skip
    lines = [
        f"{one.series}: {one.rows} rows, {one.added} new, {one.revised} revised, {one.quarantined} in quarantine"
        for one in found.series
    ]
    lines += [f"{Path(one.path).name}: {one.message}" for one in found.problems]
    report(1.0, "done", *lines)
    if not found.series:
        raise UsageError("; ".join(one.message for one in found.problems) or "the files held no bars")
    return {
        "series": len(found.series),
        "added": sum(one.added for one in found.series),
        "problems": len(found.problems),
        "receipt": found.receipt,
    }
