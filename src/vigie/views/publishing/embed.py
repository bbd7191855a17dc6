"""A board as one page for other sites: the picture drawn in it, its tables, its sources; no script, nothing loaded."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from vigie.services.studio.alt import told
from vigie.services.studio.board import Board, Cell, Column, QuotePart
from vigie.views.drawing.board.letters import plain
from vigie.views.drawing.board.page import svg
from vigie.views.drawing.board.phrases import PHRASES, credits_text
from vigie.views.drawing.board.sheet import Sheet
from vigie.views.drawing.board.table import cell_text
from vigie.views.drawing.frame import clean
from vigie.views.publishing.twins import Twin, twins

# A page of another site shows it in a frame: this is all that may happen in it.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"
# A chart of a year by the hour has 8,760 rows; a page shows each so many, and the file has all.
MOST_ROWS: Final = 200
_STYLE: Final = (
    "body{margin:0;padding:8px;font:16px/1.5 Inter,Helvetica,Arial,sans-serif;color:#16202c;background:#fff}"
    "figure{margin:0}svg{display:block;width:100%;height:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:8px 0 16px}"
    "caption{text-align:left;font-weight:600}th,td{padding:4px 12px 4px 0;border-bottom:1px solid #d5dae1;"
    "text-align:left}.n{text-align:right}.wide{overflow-x:auto}summary{padding:8px 0}a{color:#1155cc}"
)


def embed_file(board: Board) -> bytes:
    """Return a page that says all by itself: picture with its words, tables behind it, sources and licences."""
    words = PHRASES[board.language]
    tables = "".join(_table(one, board) for one in twins(board))
    links = "".join(_link(part) for part in board.parts if isinstance(part, QuotePart))
    page = (
        f'<!doctype html><html lang="{board.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{clean(plain(board.title))}</title><style>{_STYLE}</style></head><body><figure>{svg(board)}"
        f"<figcaption><p>{clean(told(board))}</p>{links}<details><summary>{words['data']}</summary>{tables}</details>"
        f"<p>{clean(plain(credits_text(board)))}. {words['advice']}</p></figcaption></figure></body></html>"
    )
    return page.encode()


def _table(one: Twin, board: Board) -> str:
    sheet = Sheet(board.language, board.zone, 1.0)
    heads = "".join(
        f'<th scope="col"{_looks(column)}>{clean(plain(column.name))}</th>' for column in one.columns
    )
    step = max(1, -(-len(one.rows) // MOST_ROWS))
    # The last row is always there: it is what the picture's lines end at.
    rows = [row for at, row in enumerate(one.rows) if at % step == 0 or at == len(one.rows) - 1]
    body = "".join(
        "<tr>"
        + "".join(_cell(value, column, sheet) for value, column in zip(row, one.columns, strict=False))
        + "</tr>"
        for row in rows
    )
    caption = f"<caption>{clean(plain(one.title))}</caption>"
    return (
        f'<div class="wide" tabindex="0"><table>{caption}<thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _cell(value: Cell, column: Column, sheet: Sheet) -> str:
    return f"<td{_looks(column)}>{clean(cell_text(value, column, sheet))}</td>"


def _looks(column: Column) -> str:
    return "" if column.kind in ("text", "time") else ' class="n"'


def _link(part: QuotePart) -> str:
    """Return where a quotation is from; a link that is no link of the web is not made one."""
    try:
        is_web = urlsplit(part.link).scheme in ("http", "https")
    except ValueError:
        is_web = False
    if not is_web:
        return ""
    return f'<p><a href="{clean(part.link)}" rel="noopener noreferrer nofollow">{clean(plain(part.publisher))}</a></p>'


__all__ = ["MOST_ROWS", "POLICY", "embed_file"]
