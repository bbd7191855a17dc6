"""A board as a file: picture, table, or HTML to embed."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound
from vigie.views.api.problems import response
from vigie.views.drawing.board.page import picture
from vigie.views.publishing.forms import FORMER, FORMS, export, file_name
from vigie.views.web.pages.studio.credits import credited
from vigie.views.web.refusals import said
from vigie.views.web.visit import Visit


def send(visit: Visit) -> Response:
    """Give a board as a file; ``board.png?inline=1`` shows it instead of saving it, and is half as large."""
    asked = visit.params["form"]
    if asked in FORMER:
        # Links that were kept lead on.
        return RedirectResponse(f"/studio/{visit.params['id']}/board.{FORMER[asked]}", status_code=308)
    form = next((one for one in FORMS if one == asked), None)
    if form is None:
        raise NotFound(f"there is no such file of a board; there are {' '.join(FORMS)}")
    limits = visit.knock.drawings
    left = limits.take(visit.caller.user, visit.house.clock.wall_now()) if limits is not None else None
    if left is not None and not left.is_allowed:
        told = said(visit.tongue, "too many files of boards; wait and go on")
        # The bucket fills one by one, so that the next file is not a whole minute away.
        return response(429, told, visit.path, {"Retry-After": str(-(-60 // left.limit))})
    filled = visit.ask("studio.fill", board=visit.params["id"]).board
    board = replace(credited(visit, filled), style=visit.ask("studio.style").style)
    if form == "png" and visit.query.get("inline") == "1":
        return Response(picture(board, zoom=1.0), media_type=FORMS[form])
    how = {"Content-Disposition": f'attachment; filename="{file_name(board, form)}"'}
    return Response(export(board, form), media_type=FORMS[form], headers=how)
