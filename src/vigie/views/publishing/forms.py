"""Which files a board can be had as, and what they are called."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal

from vigie.services.studio.board import Board
from vigie.views.drawing.board.page import picture, svg
from vigie.views.publishing.embed import embed_file
from vigie.views.publishing.sheets import csv_file, xlsx_file

BoardForm = Literal["svg", "png", "csv", "xlsx", "html"]
FORMS: Final[dict[BoardForm, str]] = {
    "svg": "image/svg+xml",
    "png": "image/png",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}


def export(board: Board, form: BoardForm) -> bytes:
    """Return a board as a file."""
    match form:
        case "svg":
            return svg(board).encode()
        case "png":
            return picture(board)
        case "csv":
            return csv_file(board)
        case "xlsx":
            return xlsx_file(board)
        case "html":
            return embed_file(board)


def file_name(board: Board, form: BoardForm) -> str:
    """Return a name of plain letters: ``bitcoin-and-ether.png``."""
    plain = unicodedata.normalize("NFKD", board.title[:200]).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain)[:60].strip('-') or 'board'}.{form}"


__all__ = ["FORMS", "BoardForm", "export", "file_name"]
