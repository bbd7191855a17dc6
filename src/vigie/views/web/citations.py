"""Where the links of figures lead: to the figure as it was known then; of a live price, to the quote."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from vigie.services.operation import Column, Figure, Table
from vigie.views.web.request_context import RequestContext

# What tells the rows of a table apart, the most telling first.
KEYS: Final = ("place", "series", "id", "asset", "ts", "field", "name")
PAIRED: Final = ("first", "second")
_UNFIT: Final = re.compile(r"[^a-z0-9]+")
# Sources of columns that every row names better.
VAGUE: Final = ("", "venue", "venues")


def quote_link(context: RequestContext, live: str, figure: Figure) -> str:
    """Return the link to the quote of a live price, with the price as the venue told it and its times.

    Parameters
    ----------
    live : str
        ``quote:<venue>:<instrument>:<field>``.
    """
    _, _, place = live.rpartition(":")[0].partition(":")
    price = figure.dollars if figure.dollars is not None else figure.value
    return context.url(f"/quote/{place}", price=price, ts=figure.ts_event, known=figure.ts_known)


def anchors(table: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the id of each row in its page, the same for the same thing whatever the order."""
    ids: dict[str, None] = {}
    for row in rows:
        parts = [str(row[key]) for key in PAIRED if key in row]
        if len(parts) < len(PAIRED):
            parts = [str(next((row[key] for key in KEYS if row.get(key) is not None), len(ids)))]
        anchor = "-".join([table, *(_UNFIT.sub("-", part.lower()).strip("-") for part in parts)])
        ids[anchor if anchor not in ids else f"{anchor}-{len(ids)}"] = None
    return list(ids)


def row_source(row: Mapping[str, Any]) -> str:
    """Return where the figures of a row come from, as far as the row says."""
    return str(next((row[key] for key in ("instrument", "place", "source", "venue") if row.get(key)), ""))


def common_source(column: Column) -> str:
    """Return the source of a column where it is one and the same for every row."""
    return "" if column.source in VAGUE else column.source


def is_cited(table: Table, columns: Sequence[Column]) -> bool:
    """Tell whether a table shows figures that come from somewhere."""
    return bool(table.rows and table.origins) and any(
        column.unit not in ("", "ms", "age") for column in columns
    )
