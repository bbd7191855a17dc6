"""The static page of a published record: results as a table, and how to check them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import Final

from vigie.catalogue import MARKS, NamedTexts
from vigie.intelligence.market.words import numbers_of
from vigie.intelligence.setups.record import RecordCell

TEXTS: Final = NamedTexts(
    "record_page",
    {
        "title": "Record of setups",
        "simulated": "Simulated market: nobody ever traded at these prices. Changes and bars carry the simulated "
        "market’s time, chain records the machine’s.",
        "counts": "{changes} sealed changes, {ended} ended setups, including losers and those without an alert. "
        "Of these were sealed only after their outcome was known, by the times of the chain: {late}.",
        "check": "To check it, take verify.py from Vigie (vigie alerts program), not from here, and run: python "
        "verify.py record.zip. It needs Python alone.",
        "anchor": "Without number and head from a mail (--anchor NUMBER:HEAD) nothing outside holds this record to "
        "what it was: whoever keeps the chain could have made all of it anew.",
        "which": "Which", "trades": "Trades", "mean": "Mean R", "interval": "95 % interval", "won": "Won",
        "unconfirmed": "Never confirmed", "few": "fewer than 30", "better": "better than the rest",
        "void": "Void",
        "all": "All", "strategy": "Strategy", "instrument": "Instrument", "regime": "Market", "horizon": "Horizon",
        "unknown": "not known", "footer": "Information, not investment advice.",
        "rising_calm": "rising, calm", "rising_volatile": "rising, volatile", "falling_calm": "falling, calm",
        "falling_volatile": "falling, volatile", "day": "up to a day", "week": "up to a week", "longer": "longer",
    },
)  # fmt: skip
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{padding:.3rem .6rem;border-bottom:1px solid #8886}"
    "td,th{text-align:right}"
    "td:first-child,th:first-child{text-align:left}"
)


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """How much a published record holds.

    Attributes
    ----------
    changes, ended : int
        Sealed changes and ended setups.
    late : int
        Ended setups that were first sealed when their end was known already.
    """

    changes: int
    ended: int
    late: int


def record_page(
    cells: Sequence[RecordCell], counts: RecordCounts, language: str, *, is_simulated: bool = False
) -> str:
    """Return the page, which needs no other file.

    Parameters
    ----------
    cells : sequence of RecordCell
        In their order.
    counts : RecordCounts
        What its first sentence says.
    language : str
        Of the page.
    is_simulated : bool
        Whether its first sentence says that the market is simulated; `verify_program.txt` has it word for word.

    Returns
    -------
    str
        HTML.
    """
    words = TEXTS[language]
    heads = "".join(
        f'<th scope="col">{escape(words[name])}</th>'
        for name in ("which", "trades", "mean", "interval", "won", "unconfirmed", "void")
    )
    rows = "".join(_row(cell, language) for cell in cells)
    simulated = f"<p><strong>{escape(words['simulated'])}</strong></p>" if is_simulated else ""
    lines = (
        words["counts"].format(**asdict(counts)),
        words["check"],
        words["anchor"],
    )
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(words['title'])}</title><style>{_STYLE}</style></head><body>"
        f"<h1>{escape(words['title'])}</h1>{simulated}{''.join(f'<p>{escape(line)}</p>' for line in lines)}"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table><p>{escape(words['footer'])}</p></body></html>"
    )


def _row(cell: RecordCell, language: str) -> str:
    words = TEXTS[language]
    name = words[cell.grouping]
    if cell.grouping != "all":
        # Only these have words: a strategy may be called as one of them.
        has_words = cell.grouping in ("regime", "horizon") or not cell.value
        name += MARKS[language]["colon"] + (
            words.get(cell.value or "unknown", cell.value) if has_words else cell.value
        )
    if cell.is_better:
        name += f" ({words['better']})"
    bounds = [_fixed(bound, language) for bound in (cell.low, cell.high) if bound is not None]
    interval = " … ".join(bounds) or "–"
    texts = (
        str(cell.trades), words["few"] if cell.mean_r is None else _fixed(cell.mean_r, language), interval,
        _share(cell.won_share, language), _share(cell.unconfirmed_share, language), str(cell.void),
    )  # fmt: skip
    return f"<tr><td>{escape(name)}</td>{''.join(f'<td>{escape(text)}</td>' for text in texts)}</tr>"


def _fixed(value: float, language: str) -> str:
    return numbers_of(language).number(value, 2)


def _share(value: float | None, language: str) -> str:
    return "–" if value is None else numbers_of(language).percent(value, 0)
