"""How commands of holdings write: texts, numbers and days of the reader's language, as pages have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from vigie.catalogue import format_day
from vigie.domain.time import iso
from vigie.intelligence.market.words import NumberFormatter, numbers_of
from vigie.services.holdings.file_drafts import ELSEWHERE
from vigie.services.holdings.notice_text import notice_text
from vigie.services.holdings.terminal_words import TEXTS
from vigie.services.refusal_text import translate_plain
from vigie.views.cli.tables import console

if TYPE_CHECKING:
    from rich.table import Table

# Fixed spaces, and letters of nobody's alphabet that stand for them while lines are broken.
_KEPT: Final = {0x00A0: 0xE000, 0x202F: 0xE001}
_RESTORED: Final = {letter: space for space, letter in _KEPT.items()}


@dataclass(frozen=True, slots=True)
class HoldingWriter:
    """Writes in one language.

    Attributes
    ----------
    language : str
        A complete one.
    names : mapping of str to str
        Of coins and products, by their ids.
    """

    language: str
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def texts(self) -> Mapping[str, str]:
        """All texts, by key."""
        return TEXTS[self.language]

    @property
    def numbers(self) -> NumberFormatter:
        """How numbers are written."""
        return numbers_of(self.language)

    def say(self, key: str, **values: object) -> str:
        """Return a text with its values."""
        return self.texts[key].format(**values)

    def print(self, text: str) -> None:
        """Print a sentence as it is: no name in it is markup."""
        console().print(text, highlight=False, markup=False)

    def exact(self, text: str | None) -> str:
        """Return a number with every digit it has; nothing where it is not known."""
        return self.numbers.exact(text) if text else ""

    def money(self, text: str | None) -> str:
        """Return money with every digit it has, to the cent at least; nothing where it is not known."""
        return self.numbers.exact(text, 2) if text else ""

    def count(self, number: int) -> str:
        """Return a whole number."""
        return self.numbers.number(number, 0)

    def day(self, text: str | None) -> str:
        """Return a day such as 2025-03-01 in words; nothing for none."""
        return format_day(date.fromisoformat(text), self.language) if text else ""

    def moment(self, text: str) -> str:
        """Return a time such as 2025-03-01T10:00:00Z in words."""
        when = datetime.fromisoformat(text)
        return f"{format_day(when, self.language)} {when:%H:%M} UTC"

    def time(self, ts: int) -> str:
        """Return a time in epoch milliseconds in words."""
        return self.moment(iso(ts))

    def place(self, name: str) -> str:
        """Return the name of a place; that of coins which left all places is said in words."""
        return self.texts["elsewhere"] if name == ELSEWHERE else name or self.texts["unnamed_place"]

    def kind(self, kind: str, way: str = "") -> str:
        """Return the word for a kind of event."""
        return self.texts.get(f"kind_gift_{way}" if kind == "gift" and way else f"kind_{kind}", kind)

    def notice(self, message: str) -> str:
        """Return what is to be known of a row or a line."""
        return translate_plain(notice_text(message, self.language), self.language)

    def name(self, asset: str) -> str:
        """Return what a coin is called; its id where nothing names it."""
        return self.names.get(asset, asset)

    def print_table(self, table: Table) -> None:
        """Print a table whose numbers stay on one line each: what draws it would break them at their fixed spaces."""
        from rich.table import Table

        kept, out = Table(*(str(column.header) for column in table.columns), box=None), console()
        for row in zip(*(column.cells for column in table.columns), strict=True):
            kept.add_row(*(str(cell).translate(_KEPT) for cell in row))
        with out.capture() as captured:
            out.print(kept)
        out.file.write(captured.get().translate(_RESTORED))

    def table(self, *names: str) -> Table:
        """Return an empty table with these columns."""
        from rich.table import Table

        return Table(*(self.texts[name] for name in names), box=None)
