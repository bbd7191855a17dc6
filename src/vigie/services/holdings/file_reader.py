"""What a reader of files is, and the refusals that readers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from vigie.domain.refusal import Refusal
from vigie.services.holdings.coin_choice import STATE_MONEY
from vigie.services.holdings.file_drafts import FileDraft
from vigie.services.holdings.file_table import BadRow, FileRow


@dataclass(frozen=True, slots=True)
class FileReader:
    """Reads the files of one venue or wallet.

    Attributes
    ----------
    name : str
    place : str
        Where its coins lie, if nobody says otherwise.
    signs : tuple of str
        Headers, lower case, that only its files have together.
    read : callable
        Rows that belong together to drafts.
    group : callable or None
        What rows that belong together have in common; None where each stands alone.
    apart : str
        What else tells rows apart that have one id: their place or their coin; empty where an id is of one row alone.
    is_utc : bool
        Whether its files are known to write times in UTC, whatever zone is said.
    """

    name: str
    place: str
    signs: tuple[str, ...]
    read: Callable[[Sequence[FileRow]], Iterator[FileDraft]]
    group: Callable[[FileRow], str] | None = None
    apart: Literal["", "place", "coin"] = ""
    is_utc: bool = False


def ensure_sign(row: FileRow, header: str, ticker: str, sign: int) -> None:
    """Refuse a number of coins or of a fee that takes back an earlier one: booked by its size, it would count twice.

    Parameters
    ----------
    row : FileRow
    header : str
        Of the number.
    ticker : str
        Of what moved; state money is left out anyway.
    sign : int
        What the number has, 1 or -1; zero has every one.
    """
    number = row.number(header)
    if number and (number > 0) != (sign > 0) and ticker.lower() not in STATE_MONEY:
        raise taken_back(row, header)


def taken_back(row: FileRow, header: str) -> BadRow:
    """Return the refusal of a row whose sign says that it takes back another."""
    return BadRow(
        column=row.header(header),
        message=Refusal(
            "import_taken_back",
            "the sign says that the row takes back an earlier one; leave both out, or write by hand what is left",
        ),
    )


def unknown_word(row: FileRow, *headers: str) -> BadRow:
    """Return the refusal of a word for a kind of event that is not known."""
    return BadRow(
        column=row.header(*headers),
        message=Refusal(
            "import_unknown_kind",
            "{word!r} is no kind of event that is known here; leave the row out, or write it by hand",
            word=row.text(*headers)[:60],
        ),
    )
