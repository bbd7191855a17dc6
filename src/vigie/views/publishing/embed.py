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

from vigie.drawing.frame import escape_text, short_number
from vigie.drawing.text_metrics import single_line
from vigie.services.studio.alt_text import alt_text
from vigie.services.studio.board import MOST_PARTS, Board, BoardColumn, QuotePart, TableCell
from vigie.services.studio.style import FontChoice, HouseStyle
from vigie.views.boards.canvas import Canvas
from vigie.views.boards.page import PictureFormat, board_svg, fingerprint, font_families, render_board
from vigie.views.boards.phrases import PHRASES, credits_text
from vigie.views.boards.table import ColumnDecimals, cell_text, decimals_by_column
from vigie.views.publishing.part_tables import PartTable, part_tables
from vigie.views.publishing.webfont import font_faces

# A chart of a year by the hour has 8,760 rows; a page shows each so many, and the file has all.
MOST_ROWS: Final = 200
# Pixels of the column below which the next smaller picture is shown.
MEDIUM: Final = 820
SMALL: Final = 420
_LARGE: Final = PictureFormat(1100, 0, 8, 30, 16, 30)
# As tall as its rows need: a page has no slide to fill.
_HEIGHTS: Final = {0: 240, 1: 560, 2: 560, 3: 700, 4: 720, 5: 960, 6: 960}
_SQUARE: Final = 1_100
_COLUMNS: Final = {"m": PictureFormat(560, 0, 8, 26, 15, 25), "s": PictureFormat(300, 0, 8, 20, 13, 20)}
_FORMS: Final = ("l", "m", "s")
_SCRIPTLESS: Final = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data:; font-src data:; style-src "
)
_BODY: Final = "body{{margin:8px;background:{ground}}}"
_BOLD: Final = re.compile(r'<(?:text[^>]*font-weight="600"[^>]*|th[^>]*|caption)>([^<]*)<')
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class _StyledFigure:
    style: str
    figure: str


def embed_fragment(board: Board) -> bytes:
    """Return what is pasted into an article: one figure with its style, in ASCII for pages of any encoding."""
    styled = _build_figure(board)
    return _ascii(styled.figure.replace(">", f"><style>{styled.style}</style>", 1))


def embed_page(board: Board) -> bytes:
    """Return the same as a page for a frame; its policy allows nothing but its own two styles and its font."""
    styled = _build_figure(board)
    body = _BODY.format(ground=board.style.ground)
    policy = _SCRIPTLESS + " ".join(_style_hash(style) for style in (body, styled.style))
    return _ascii(
        f'<!doctype html><html lang="{board.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape_text(single_line(board.title)) or 'Vigie'}</title>"
        f"<style>{body}</style><style>{styled.style}</style></head>"
        f"<body>{styled.figure}</body></html>"
    )


def svg_file(board: Board) -> bytes:
    """Return the picture as SVG that brings its font."""
    bare = board_svg(board)
    family = f"Vigie {fingerprint(bare)}"
    return board_svg(board, style=_font_rules(family, bare, board.style.font), family=family).encode()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "xmlcharrefreplace")


def _style_hash(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


def _font_rules(family: str, markup: str, font: FontChoice) -> str:
    letters = set(unescape(_TAG.sub("", markup)))
    return font_faces(family, letters, set(unescape("".join(_BOLD.findall(markup)))), font)


def _build_figure(board: Board) -> _StyledFigure:
    words = PHRASES[board.language]
    pictures = _pictures(board)
    tables = "".join(_table_html(table, board) for table in part_tables(board))
    links = "".join(_link_html(part) for part in board.parts if isinstance(part, QuotePart))
    caption = (
        f"<figcaption>{links}<details><summary>{words['data']}</summary>{tables}</details>"
        f"<p>{escape_text(single_line(credits_text(board)))}. {words['advice']}</p></figcaption>"
    )
    name = f"vigie-{fingerprint(*pictures.values(), caption, board.alt)}"
    family = name.replace("-", " ").capitalize()
    fonts = font_families(board, family)
    pictures_html = "".join(
        content.replace("<svg ", f'<svg font-family="{fonts}" class="{key}" ', 1)
        for key, content in pictures.items()
    )
    figure = f'<figure class="{name}" lang="{board.language}">{pictures_html}{caption}</figure>'
    faces = _font_rules(family, "".join(pictures.values()) + caption, board.style.font)
    return _StyledFigure(faces + _style(name, fonts, pictures, board.style), figure)


def _pictures(board: Board) -> dict[str, str]:
    """Return the picture for large, middle and small columns; of a board in a column there is no large one."""
    description = escape_text(single_line(alt_text(board)))
    by_size: dict[str, str] = {}
    for key in _FORMS:
        form = _large_format(board) if key == "l" else _COLUMNS[key]
        if form is None:
            continue
        # The sources stand under it as text.
        sized_board = board if key == "l" else replace(board, shape="column")
        rendered = render_board(sized_board, form, is_credited=False)
        # Without styles one picture is shown, not three.
        hidden = ' display="none"' if by_size else ""
        by_size[key] = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" viewBox="0 0 {short_number(rendered.width)} '
            f'{short_number(rendered.height)}" role="img" aria-label="{description}"{hidden}>{rendered.content}</svg>'
        )
    return by_size


def _large_format(board: Board) -> PictureFormat | None:
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


def _table_html(part_table: PartTable, board: Board) -> str:
    sheet = Canvas(board.language, board.zone, 1.0, board.style)
    heads = "".join(
        f'<th scope="col"{_class_attribute(column)}>{escape_text(single_line(column.name))}</th>'
        for column in part_table.columns
    )
    step = max(1, -(-len(part_table.rows) // MOST_ROWS))
    # The last row is always there: it is what the picture's lines end at.
    rows = [
        row
        for index, row in enumerate(part_table.rows)
        if index % step == 0 or index == len(part_table.rows) - 1
    ]
    decimals = decimals_by_column(rows, part_table.columns)
    body = "".join(
        "<tr>"
        + "".join(_cell_html(*cell, sheet) for cell in zip(row, part_table.columns, decimals, strict=False))
        + "</tr>"
        for row in rows
    )
    title = escape_text(single_line(part_table.title))
    return (
        f'<div class="w" role="region" aria-label="{title}" tabindex="0"><table><caption>{title}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell_html(value: TableCell, column: BoardColumn, decimals: ColumnDecimals, sheet: Canvas) -> str:
    return f"<td{_class_attribute(column)}>{escape_text(cell_text(value, column, sheet, decimals))}</td>"


def _class_attribute(column: BoardColumn) -> str:
    return "" if column.kind in ("text", "time") else ' class="n"'


def _link_html(part: QuotePart) -> str:
    """Return where a quotation is from; a link that is no link of the web is not made one."""
    try:
        is_web = urlsplit(part.link).scheme in ("http", "https")
    except ValueError:
        is_web = False
    if not is_web:
        return ""
    link, publisher = escape_text(part.link), escape_text(single_line(part.publisher))
    return f'<p><a href="{link}" rel="noopener noreferrer nofollow">{publisher}</a></p>'


__all__ = ["MEDIUM", "MOST_ROWS", "SMALL", "embed_fragment", "embed_page", "svg_file"]
