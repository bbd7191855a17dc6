"""Who publishes a board's numbers, and what they allow, as people write it, in the board's language."""

from __future__ import annotations

from dataclasses import replace

from vigie.services.studio.board import Board, Credit
from vigie.views.web.language import Tongue
from vigie.views.web.naming import LIMIT, caller_of, licence_of
from vigie.views.web.visit import Visit


def credited(visit: Visit, board: Board) -> Board:
    """Return a board whose publishers bear their names, and their terms in its language where the words are ours."""
    theirs = replace(visit, tongue=Tongue(board.language))
    called, allowed = caller_of(theirs), licence_of(theirs)

    def one(credit: Credit) -> Credit:
        publisher = called(credit.source)
        series = (called(f"{credit.source}:{name}") for name in credit.series.split(", ") if name)
        return replace(
            credit,
            source=publisher,
            series=", ".join(name.removeprefix(publisher).strip() for name in series),
            # A board says of itself, in its own words, that a source allows no other use.
            licence=allowed(credit.licence.removeprefix(LIMIT)),
        )

    return replace(
        board,
        credits=tuple(map(one, board.credits)),
        part_credits=tuple(tuple(map(one, named)) for named in board.part_credits),
    )
