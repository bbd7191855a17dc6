"""Files of bars before they are imported: sent into the inbox, and three rows of each form as they are understood."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field

from vigie.data.intake.preview import Preview
from vigie.data.previews import preview_files
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument
from vigie.domain.person import Caller
from vigie.domain.time import timeframe_ms
from vigie.services.house import House
from vigie.services.operation import Answer, Ask, operation
from vigie.services.running.work import imports

# What a form of the pages takes.
MOST_LETTERS: Final = 200_000
_MOST_OF_A_NAME: Final = 100


class PutFileAsk(Ask):
    """A file of bars as text, and what it holds: that makes its name."""

    text: str = Field(min_length=1, max_length=MOST_LETTERS, description="The file, CSV.")
    symbol: str = Field(min_length=1, max_length=40, description="Such as BTCUSD.")
    timeframe: str = Field(default="", max_length=4, description="Such as 1h; empty: told from the spacing.")


class PutFileAnswer(Answer):
    """The name under which the file lies in the inbox."""

    file: str


class RowAnswer(BaseModel):
    """One row as it is understood; `volume` null is unknown."""

    line: int
    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float | None = None


class FileAnswer(BaseModel):
    """A file as it is understood; `notes` are codes: server_time, volume_in_money, volume_unknown."""

    file: str
    venue: str
    instrument: str
    timeframe: str
    exporter: str
    rows: list[RowAnswer]
    notes: list[str] = Field(default_factory=list)
    refused: list[str] = Field(default_factory=list)


class PreviewAnswer(Answer):
    """What an import would read: one file of each form, and what cannot be understood."""

    files: list[FileAnswer]
    problems: list[str] = Field(default_factory=list)


@operation("jobs.put_file", scope="admin", example={"text": "time,open\n", "symbol": "BTCUSD"})
def put_file(house: House, caller: Caller, ask: PutFileAsk) -> PutFileAnswer:
    """Put a file of bars into this home's inbox; nothing of it is imported yet."""
    name = parse_instrument(ask.symbol).symbol
    if ask.timeframe:
        timeframe_ms(ask.timeframe)
    stem = f"{name}-{ask.timeframe}" if ask.timeframe else name
    folder = Path(house.about["home"]) / imports.INBOX
    folder.mkdir(parents=True, exist_ok=True)
    content = ask.text.encode("utf-8")
    for number in range(1, _MOST_OF_A_NAME):
        path = folder / (f"{stem}.csv" if number == 1 else f"{stem} ({number}).csv")
        if _holds(path, content):
            return PutFileAnswer(file=path.name)
        if not path.exists() and not path.is_symlink():
            with open(path, "xb") as file:
                file.write(content)
            house.audit.append(
                "bars.file_put", actor=caller.user, subject=path.name, text={"bytes": len(content)}
            )
            return PutFileAnswer(file=path.name)
    raise UsageError(f"too many files of bars are called {stem}; import or remove some first")


def _holds(path: Path, content: bytes) -> bool:
    # Only a file of this size is read: the inbox takes files of any.
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and path.read_bytes() == content
    )


@operation("jobs.preview_import", scope="admin", example={})
def preview_import(house: House, caller: Caller, ask: imports.ImportOrder) -> PreviewAnswer:
    """Return three rows of each form of file as they are understood; nothing is stored."""
    shown, problems = preview_files(
        imports.chosen(house, ask),
        venue=ask.venue,
        symbol=ask.symbol,
        timeframe=ask.timeframe,
        form=ask.form(),
    )
    home = str(house.about["home"])
    # What is shown names files of the inbox, never where the home lies.
    told = [one.message.replace(f"{home}/{imports.INBOX}/", "") for one in problems]
    return PreviewAnswer(files=[_file(one) for one in shown], problems=told)


def _file(one: Preview) -> FileAnswer:
    rows = [
        RowAnswer(
            line=row.line, ts=row.ts, open=row.open, high=row.high, low=row.low, close=row.close,
            volume=row.volume,
        )
        for row in one.rows
    ]  # fmt: skip
    return FileAnswer(
        file=one.file, venue=one.venue, instrument=one.instrument, timeframe=one.timeframe,
        exporter=one.exporter, rows=rows, notes=list(one.notes), refused=list(one.refused),
    )  # fmt: skip
