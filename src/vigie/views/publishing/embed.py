"""A board to paste into an article, or as a page of its own for a frame: it fits its column and asks for nothing.

The picture is drawn in three widths; the column that it stands in decides which is shown, so that letters can be read
from 280 to 1,200 pixels. What it shows is said to screen readers and written nowhere. Its font travels with it, cut to
its letters. Every name in it is its own, so that several stand on one page. Where a site forbids styles, the picture
for large columns is shown in a font of the reader's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from html import unescape
from typing import Final
from urllib.parse import urlsplit

from vigie.services.studio.alt_text import alt_text
from vigie.services.studio.board import MOST_PARTS, Board, Column, QuotePart, TableCell
from vigie.services.studio.style import FontChoice, HouseStyle
from vigie.views.drawing.board.letters import plain
from vigie.views.drawing.board.page import Format, drawn, fingerprint, fonts_of, svg
from vigie.views.drawing.board.phrases import PHRASES, credits_text
from vigie.views.drawing.board.sheet import Sheet
from vigie.views.drawing.board.table import Decimals, cell_text, column_rules
from vigie.views.drawing.frame import clean, number
from vigie.views.publishing.twins import Twin, twins
from vigie.views.publishing.webfont import font_faces

# A chart of a year by the hour has 8,760 rows; a page shows each so many, and the file has all.
MOST_ROWS: Final = 200
# Pixels of the column below which the next smaller picture is shown.
MEDIUM: Final = 820
SMALL: Final = 420
_LARGE: Final = Format(1100, 0, 8, 30, 16, 30)
# As tall as its rows need: a page has no slide to fill.
_HEIGHTS: Final = {0: 240, 1: 560, 2: 560, 3: 700, 4: 720, 5: 960, 6: 960}
_SQUARE: Final = 1_100
_COLUMNS: Final = {"m": Format(560, 0, 8, 26, 15, 25), "s": Format(300, 0, 8, 20, 13, 20)}
_FORMS: Final = ("l", "m", "s")
_SCRIPTLESS: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; font-src data:; style-src "
)
_BODY: Final = "body{{margin:8px;background:{ground}}}"
_BOLD: Final = re.compile(r'<(?:text[^>]*font-weight="600"[^>]*|th[^>]*|caption)>([^<]*)<')
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class _Made:
    style: str
    figure: str


def fragment(board: Board) -> bytes:
    """Return what is pasted into an article: one figure with its style, in ASCII for pages of any encoding."""
    made = _figure(board)
    return _ascii(made.figure.replace(">", f"><style>{made.style}</style>", 1))


def page(board: Board) -> bytes:
    """Return the same as a page for a frame; its policy allows nothing but its own two styles and its font."""
    made = _figure(board)
    body = _BODY.format(ground=board.style.ground)
    policy = _SCRIPTLESS + " ".join(_hash(style) for style in (body, made.style))
    return _ascii(
        f'<!doctype html><html lang="{board.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{clean(plain(board.title)) or 'Vigie'}</title><style>{body}</style><style>{made.style}</style></head>"
        f"<body>{made.figure}</body></html>"
    )


def svg_file(board: Board) -> bytes:
    """Return the picture as SVG that brings its font."""
    bare = svg(board)
    family = f"Vigie {fingerprint(bare)}"
    return svg(board, style=_faces(family, bare, board.style.font), family=family).encode()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "xmlcharrefreplace")


def _hash(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _faces(family: str, markup: str, font: FontChoice) -> str:
    letters = set(unescape(_TAG.sub("", markup)))
    return font_faces(family, letters, set(unescape("".join(_BOLD.findall(markup)))), font)


def _figure(board: Board) -> _Made:
    words = PHRASES[board.language]
    pictures = _pictures(board)
    tables = "".join(_table(one, board) for one in twins(board))
    links = "".join(_link(part) for part in board.parts if isinstance(part, QuotePart))
    below = (
        f"<figcaption>{links}<details><summary>{words['data']}</summary>{tables}</details>"
        f"<p>{clean(plain(credits_text(board)))}. {words['advice']}</p></figcaption>"
    )
    name = f"vigie-{fingerprint(*pictures.values(), below, board.alt)}"
    family = name.replace("-", " ").capitalize()
    fonts = fonts_of(board, family)
    shown = "".join(
        content.replace("<svg ", f'<svg font-family="{fonts}" class="{key}" ', 1)
        for key, content in pictures.items()
    )
    figure = f'<figure class="{name}" lang="{board.language}">{shown}{below}</figure>'
    faces = _faces(family, "".join(pictures.values()) + below, board.style.font)
    return _Made(faces + _style(name, fonts, pictures, board.style), figure)


def _pictures(board: Board) -> dict[str, str]:
    """Return the picture for large, middle and small columns; of a board in a column there is no large one."""
    said = clean(plain(alt_text(board)))
    found: dict[str, str] = {}
    for key in _FORMS:
        form = _large(board) if key == "l" else _COLUMNS[key]
        if form is None:
            continue
        # The sources stand under it as text.
        shaped = board if key == "l" else replace(board, shape="column")
        made = drawn(shaped, form, is_credited=False)
        # Without styles one picture is shown, not three.
        hidden = ' display="none"' if found else ""
        found[key] = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" viewBox="0 0 {number(made.width)} '
            f'{number(made.height)}" role="img" aria-label="{said}"{hidden}>{made.content}</svg>'
        )
    return found


def _large(board: Board) -> Format | None:
    """Return the format of large columns; a board in a column has none."""
    if board.shape == "column":
        return None
    return replace(
        _LARGE, height=_SQUARE if board.shape == "square" else _HEIGHTS[len(board.parts[:MOST_PARTS])]
    )


def _style(name: str, fonts: str, pictures: dict[str, str], style: HouseStyle) -> str:
    own = f".{name}"
    rules = [
        f"{own}{{container-type:inline-size;display:block;width:100%;max-width:1200px;margin:0 auto}}",
        f"{own}{{color:{style.ink};background:{style.ground};font:16px/1.5 {fonts}}}",
        f"{own} svg{{display:none;width:100%;height:auto}}",
        f"{own} figcaption{{font-size:14px;text-align:left;padding:0 8px}}",
        f"{own} table{{border-collapse:collapse;margin:8px 0 16px}}",
        f"{own} caption,{own} th{{font-weight:600;text-align:left;color:inherit;background:none}}",
        f"{own} th,{own} td{{padding:4px 12px 4px 0;border-bottom:1px solid {style.rule};text-align:left}}",
        f"{own} .n{{text-align:right;white-space:nowrap}}",
        f"{own} .w{{overflow-x:auto;max-height:420px;overflow-y:auto}}",
        f"{own} summary{{padding:8px 0;cursor:pointer}}",
        f"{own} a{{color:{style.colours[0]};overflow-wrap:anywhere}}",
    ]
    if "l" in pictures:
        rules += [
            f"{own} .l{{display:block}}",
            f"@container (max-width:{MEDIUM - 1}px){{{own} .l{{display:none}}{own} .m{{display:block}}}}",
        ]
    else:
        rules += [f"{own}{{max-width:720px}}", f"{own} .m{{display:block}}"]
    rules.append(f"@container (max-width:{SMALL - 1}px){{{own} .m{{display:none}}{own} .s{{display:block}}}}")
    return "".join(rules)


def _table(one: Twin, board: Board) -> str:
    sheet = Sheet(board.language, board.zone, 1.0, board.style)
    heads = "".join(
        f'<th scope="col"{_looks(column)}>{clean(plain(column.name))}</th>' for column in one.columns
    )
    step = max(1, -(-len(one.rows) // MOST_ROWS))
    # The last row is always there: it is what the picture's lines end at.
    rows = [row for at, row in enumerate(one.rows) if at % step == 0 or at == len(one.rows) - 1]
    known = column_rules(rows, one.columns)
    body = "".join(
        "<tr>" + "".join(_cell(*cell, sheet) for cell in zip(row, one.columns, known, strict=False)) + "</tr>"
        for row in rows
    )
    title = clean(plain(one.title))
    return (
        f'<div class="w" role="region" aria-label="{title}" tabindex="0"><table><caption>{title}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: TableCell, column: Column, decimals: Decimals, sheet: Sheet) -> str:
    return f"<td{_looks(column)}>{clean(cell_text(value, column, sheet, decimals))}</td>"


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


__all__ = ["MEDIUM", "MOST_ROWS", "SMALL", "fragment", "page", "svg_file"]
