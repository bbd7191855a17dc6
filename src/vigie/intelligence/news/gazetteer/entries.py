"""Entities and the forms of their names, read from the packaged lists; a house may add lists of its own.

A list is a CSV file with the columns id, names, tickers, context, blocked; `|` stands between several. Marks:

- a name is found in any case; ``~`` before it: only with a capital; ``?``: only with a capital and evidence;
- a ticker is found in exactly these capitals; ``~``: an ordinary word too, so in a title in capitals it needs evidence;
  ``?``: always needs evidence; ``$``: only as a cashtag, ``$TRUMP``. Every ticker is found as a cashtag in any case;
- context: words that are evidence wherever they stand; blocked: phrases that hold the name and mean something else. One
  in small letters blocks only what is written so.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

from vigie.domain.errors import ConfigError
from vigie.intelligence.news.reading.words import fold, tokenize

# Of two that share a form, the one of the earlier list is meant.
LISTS: Final = (
    "coins", "organisations", "people", "laws", "countries", "tokens", "companies", "investors", "brands", "outlets",
    "bodies", "figures", "bills",
)  # fmt: skip
# Whom news of every kind name.
WORLDLY_LISTS: Final = ("brands", "outlets", "bodies", "figures", "bills")
COLUMNS: Final = ("id", "names", "tickers", "context", "blocked")

Need = Literal["", "capital", "evidence"]
_NEEDS: Final[dict[str, Need]] = {"~": "capital", "?": "evidence"}


@dataclass(frozen=True, slots=True)
class NameForm:
    """One way to write an entity, or a phrase that is none.

    Attributes
    ----------
    entity : str
        Id; empty for a phrase that blocks.
    folded, gaps : tuple of str
        Its words as compared, and what stands between them.
    exact : tuple of str
        Its words with their capitals where these must agree.
    need : str
        What must hold beside the words.
    is_ticker, is_cashtag_only : bool
        Whether it is a ticker, and one that needs its sign.
    """

    entity: str
    folded: tuple[str, ...]
    gaps: tuple[str, ...]
    exact: tuple[str, ...] = ()
    need: Need = ""
    is_ticker: bool = False
    is_cashtag_only: bool = False


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """One entity.

    Attributes
    ----------
    id : str
        ``coin:bitcoin``; what stands before the colon is its kind.
    name : str
        For people.
    context : frozenset of tuple of str
        Phrases, as compared, that are evidence for it.
    rank : int
        Of two that share a form, the smaller one is meant.
    """

    id: str
    name: str
    forms: tuple[NameForm, ...]
    context: frozenset[tuple[str, ...]]
    rank: int

    @property
    def kind(self) -> str:
        """``coin``, ``org``, ``person``, ``law`` or ``country``."""
        return self.id.partition(":")[0]


def split_cell(cell: str) -> list[str]:
    """Return what stands between the bars."""
    return [part.strip() for part in cell.split("|") if part.strip()]


def parse_form(entity: str, text: str, *, need: Need = "", is_exact: bool = False) -> NameForm:
    """Return the form that a piece of a list describes."""
    tokens = tokenize(text)
    if not tokens.raw:
        raise ConfigError(
            "form_no_word",
            "a form of {entity} has no word: {text!r}",
            entity=entity or "a blocked phrase",
            text=text,
        )
    gaps = tuple(text[end:start] for end, start in zip(tokens.ends, tokens.starts[1:], strict=False))
    exact = tuple(tokens.raw) if is_exact else ()
    return NameForm(entity, tuple(tokens.folded), gaps, exact, need)


def name_form(entity: str, text: str) -> NameForm:
    """Return the form of a name with its mark."""
    need = _NEEDS.get(text[0], "")
    bare = text.lstrip("~?$")
    return parse_form(entity, bare, need=need)


def ticker_form(entity: str, text: str) -> NameForm:
    """Return the form of a ticker with its mark."""
    base = parse_form(entity, text.lstrip("~?$"), need=_NEEDS.get(text[0], ""), is_exact=True)
    return NameForm(base.entity, base.folded, base.gaps, base.exact, base.need, True, text[0] == "$")


def blocked_form(text: str) -> NameForm:
    """Return the form of a phrase that blocks."""
    return parse_form("", text, is_exact=text == text.lower())


def parse_entries(rows: Iterable[str], *, first_rank: int = 0) -> Iterator[GazetteerEntry | NameForm]:
    """Yield the entities of a list, each followed by the phrases that it blocks.

    Raises
    ------
    ConfigError
        If a row has other columns than these, or an id without a kind.
    """
    lines = (row for row in rows if row.strip() and not row.startswith("#"))
    table = csv.reader(lines)
    header = tuple(next(table, ()))
    if header != COLUMNS:
        raise ConfigError(
            "list_entities_columns",
            "a list of entities has the columns {columns}, was {header}",
            columns=",".join(COLUMNS),
            header=",".join(header),
        )
    for rank, row in enumerate(table, first_rank):
        if len(row) != len(COLUMNS) or ":" not in row[0]:
            raise ConfigError(
                "entity_columns_id_kind",
                "an entity has {columns_count} columns and an id with its kind, was {row}",
                columns_count=len(COLUMNS),
                row=row,
            )
        entity, names, tickers, context, blocked = row
        forms = [name_form(entity, name) for name in split_cell(names)]
        forms += [ticker_form(entity, ticker) for ticker in split_cell(tickers)]
        name = next(iter(split_cell(names) + split_cell(tickers)), entity).lstrip("~?$")
        phrases = frozenset(tuple(tokenize(part).folded) for part in split_cell(context))
        yield GazetteerEntry(entity, name, tuple(forms), phrases, rank)
        yield from (blocked_form(phrase) for phrase in split_cell(blocked))


@cache
def load_list(name: str) -> tuple[GazetteerEntry | NameForm, ...]:
    """Return the entities and blocked phrases of one packaged list; the ranks of the lists follow one another."""
    first_rank = sum(len(load_list(list_name)) for list_name in LISTS[: LISTS.index(name)])
    text = (resources.files(__package__) / f"{name}.csv").read_text(encoding="utf-8")
    return tuple(parse_entries(text.splitlines(), first_rank=first_rank))


@cache
def load_packaged() -> tuple[GazetteerEntry | NameForm, ...]:
    """Return every entity and blocked phrase of the packaged lists."""
    return tuple(entry for name in LISTS for entry in load_list(name))


def normalise_phrase(text: str) -> str:
    """Return a phrase as it is compared, a space between its words."""
    return " ".join(fold(word) for word in tokenize(text).raw)
