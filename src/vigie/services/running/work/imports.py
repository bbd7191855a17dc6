"""An import as a job: files of bars that lie in the home's own inbox, by name only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from vigie.data.intake.form import FileForm
from vigie.data.intake.names import is_bar_file
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.refusal import Refusal, join_refusals, listed
from vigie.ports.home import HomeFolder
from vigie.services import data as bars_service
from vigie.services.operation import OperationInput
from vigie.services.running.work import Report

KIND: Final = "import"
INBOX: Final = "inbox"
_NAME: Final = re.compile(r"[\w][\w .,()+-]{0,120}")


class ImportOrder(OperationInput):
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
        return FileForm.parse(
            columns=[self.map] if self.map else [], tz=self.tz, date_format=self.date_format,
            decimal=self.decimal, stamp=self.stamp, no_volume=self.no_volume,
        )  # fmt: skip


ASK = ImportOrder


def list_inbox_files(home: HomeFolder) -> list[Path]:
    """Return the files of bars in the inbox, by name."""
    folder = home / INBOX
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if p.is_file() and not p.is_symlink() and is_bar_file(p))


def choose_files(home: HomeFolder, order: ImportOrder) -> list[Path]:
    """Return the files of an order.

    Raises
    ------
    UsageError
        If one does not lie in the inbox, or there is none.
    """
    paths_by_name = {path.name: path for path in list_inbox_files(home)}
    for name in order.files:
        if not _NAME.fullmatch(name) or name not in paths_by_name:
            raise UsageError(
                "file_must",
                "file must be one of {paths_by_name} in {inbox}, was {name!r}",
                paths_by_name=listed(paths_by_name),
                inbox=INBOX,
                name=name,
            )
    paths = [paths_by_name[name] for name in order.files] or list(paths_by_name.values())
    if not paths:
        raise UsageError(
            "no_bar_files_folder",
            "there are no bar files in the folder {inbox}; put some there first",
            inbox=INBOX,
        )
    return paths


def run(order: ImportOrder, report: Report, data: DataStores, home: HomeFolder) -> Mapping[str, Any]:
    """Import the files; what was stored before an interruption stays, and rows are never stored twice."""
    paths = choose_files(home, order)

    def tick(done: int, of: int, name: str) -> None:
        report(done / max(of, 1), f"series {done} of {of}", *([name] if name else []))

    report_data = bars_service.import_bars(
        data, paths, venue=order.venue, symbol=order.symbol, timeframe=order.timeframe, form=order.form(),
        dry_run=order.dry_run, progress=tick,
    )  # fmt: skip
    lines = [
        f"{item.series}: {item.rows} rows, {item.added} new, {item.revised} revised, {item.quarantined} in quarantine"
        for item in report_data.series
    ]
    lines += [f"{Path(item.path).name}: {item.message}" for item in report_data.problems]
    report(1.0, "done", *lines)
    if not report_data.series:
        raise UsageError(
            join_refusals([item.message for item in report_data.problems])
            or Refusal("files_contain_no_bars", "the files contain no bars")
        )
    return {
        "series": len(report_data.series),
        "added": sum(item.added for item in report_data.series),
        "problems": len(report_data.problems),
        "receipt": report_data.receipt,
    }
