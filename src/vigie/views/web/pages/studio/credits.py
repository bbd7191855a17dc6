"""Who publishes a board's numbers, and what they allow, as people write it, in the board's language."""

from __future__ import annotations

from dataclasses import replace

from vigie.services.studio.board import Board, Credit
from vigie.views.web.language import UserLanguage
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import LIMIT, licence_translator, source_namer


def name_credits(context: RequestContext, board: Board) -> Board:
    """Return a board whose publishers bear their names, and their terms in its language where the words are ours."""
    board_context = replace(context, lang=UserLanguage(board.language))
    name_source, translate_licence = source_namer(board_context), licence_translator(board_context)

    def name_credit(credit: Credit) -> Credit:
        publisher = name_source(credit.source)
        series = (name_source(f"{credit.source}:{name}") for name in credit.series.split(", ") if name)
        return replace(
            credit,
            source=publisher,
            series=", ".join(name.removeprefix(publisher).strip() for name in series),
            # A board says of itself, in its own words, that a source allows no other use.
            licence=translate_licence(credit.licence.removeprefix(LIMIT)),
        )

    return replace(
        board,
        credits=tuple(map(name_credit, board.credits)),
        part_credits=tuple(tuple(map(name_credit, part)) for part in board.part_credits),
    )
