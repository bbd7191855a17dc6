"""Which files a board can be had as, and what they are called."""

from __future__ import annotations

from typing import Final, Literal

from vigie.services.studio.board import Board
from vigie.views.boards.page import board_png
from vigie.views.publishing.csv_files import slug, zip_file
from vigie.views.publishing.embed import embed_fragment, embed_page, svg_file
from vigie.views.publishing.workbook import xlsx_file

BoardForm = Literal["svg", "png", "zip", "xlsx", "embed", "html"]
FORMS: Final[dict[BoardForm, str]] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "embed": "text/html; charset=utf-8",
    "html": "text/html; charset=utf-8",
}
# Forms that there were before, and those that took their place.
FORMER: Final[dict[str, BoardForm]] = {"csv": "zip"}
_ENDINGS: Final[dict[BoardForm, str]] = {"embed": "-embed.html"}


def export(board: Board, form: BoardForm) -> bytes:
    """Return a board as a file."""
    match form:
        case "svg":
            return svg_file(board)
        case "png":
            return board_png(board)
        case "zip":
            return zip_file(board)
        case "xlsx":
            return xlsx_file(board)
        case "embed":
            return embed_fragment(board)
        case "html":
            return embed_page(board)


def file_name(board: Board, form: BoardForm) -> str:
    """Return a name of plain letters: ``bitcoin-and-ether.png``."""
    return f"{slug(board.title) or 'board'}{_ENDINGS.get(form, f'.{form}')}"


__all__ = ["FORMER", "FORMS", "BoardForm", "export", "file_name"]
