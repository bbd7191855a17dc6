"""A board as a file: picture, table, or HTML to embed."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import RedirectResponse, Response

from vigie.domain.errors import NotFound
from vigie.domain.refusal import Refusal
from vigie.views.api.problems import problem_response
from vigie.views.boards.page import board_png
from vigie.views.publishing.forms import FORMER, FORMS, export, file_name
from vigie.views.web.pages.studio.credits import name_credits
from vigie.views.web.refusals import translate_refusal
from vigie.views.web.request_context import RequestContext


def send_file(context: RequestContext) -> Response:
    """Give a board as a file; ``board.png?inline=1`` shows it instead of saving it, and is half as large."""
    requested = context.params["form"]
    if requested in FORMER:
        # Links that were kept lead on.
        return RedirectResponse(f"/studio/{context.params['id']}/board.{FORMER[requested]}", status_code=308)
    form = next((form_name for form_name in FORMS if form_name == requested), None)
    if form is None:
        raise NotFound(
            "board_no_such_file", "a board has no such file; available: {forms}", forms=" ".join(FORMS)
        )
    rate_limiter = context.sign_in.board_limiter
    limit_status = (
        rate_limiter.take(context.caller.user, context.app_context.clock.wall_now())
        if rate_limiter is not None
        else None
    )
    if limit_status is not None and not limit_status.is_allowed:
        refusal = translate_refusal(
            context.lang,
            Refusal("too_many_board_files_once", "too many board files at once; wait, then continue"),
        )
        # The bucket fills one by one, so that the next file is not a whole minute away.
        return problem_response(
            429, refusal, context.path, {"Retry-After": str(-(-60 // limit_status.limit))}
        )
    filled_board = context.call("studio.fill", board=context.params["id"]).board
    board = replace(name_credits(context, filled_board), style=context.call("studio.style").style)
    if form == "png" and context.query.get("inline") == "1":
        return Response(board_png(board, zoom=1.0), media_type=FORMS[form])
    headers = {"Content-Disposition": f'attachment; filename="{file_name(board, form)}"'}
    return Response(export(board, form), media_type=FORMS[form], headers=headers)
