"""Where a board's numbers are from and what that allows, as people write it, in the board's language."""

from __future__ import annotations

from dataclasses import replace

from vigie.services.studio.board import Board, Credit
from vigie.views.web.language import Tongue
from vigie.views.web.naming import LIMIT, caller_of, licence_of
from vigie.views.web.visit import Visit


def credited(visit: Visit, board: Board) -> Board:
    """Return a board whose sources bear their names, with what they allow in its language where the words are ours."""
    theirs = replace(visit, tongue=Tongue(board.language))
    called, allowed = caller_of(theirs), licence_of(theirs)

    def one(credit: Credit) -> Credit:
        place, _, names = credit.source.partition(": ")
        source = (
            ", ".join(called(f"{place}:{name}") for name in names.split(", ")) if names else called(place)
        )
        # A board says of itself, in its own words, that a source allows no other use.
        return replace(credit, source=source, licence=allowed(credit.licence.removeprefix(LIMIT)))

    return replace(board, credits=tuple(map(one, board.credits)))
