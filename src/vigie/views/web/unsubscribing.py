"""One request that ends the mails of a rule, by the word in the mail's own header (RFC 8058): nobody signs in for it.

It is posted by programs that have no page of ours, so it carries no token of a form; the word in the address, which
only that mail holds, is its proof.
"""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from vigie.services.alerting.channels import unsubscribe
from vigie.views.web.forms import BROWSER, new_browser
from vigie.views.web.page import pages
from vigie.views.web.pages.alerts.page import unsubscribe_values
from vigie.views.web.rendering import render_page


def routes(web: Any) -> list[Route]:
    """Return the route that mail programs post to; what people see first is the page of the same address."""

    async def end(request: Request) -> Response:
        request.state.browser = request.cookies.get(BROWSER, "") or new_browser()
        identity = await run_in_threadpool(web.authenticator.who, request)
        context = web.request_context(request, identity)

        def end_mails() -> Response:
            rule, channel, token = (context.params[name] for name in ("rule", "channel", "word"))
            is_known = (
                unsubscribe(web.app_context.alerts, web.app_context.notifiers, rule, channel, token)
                is not None
            )
            values = unsubscribe_values(context, is_known=is_known, is_ended=is_known)
            return HTMLResponse(
                render_page(context, pages()["unsubscribe"], values), 200 if is_known else 404
            )

        response = await run_in_threadpool(end_mails)
        response.headers["Cache-Control"] = "no-store"
        return response

    return [Route("/unsubscribe/{rule}/{channel}/{word}", end, methods=["POST"], name="unsubscribe_now")]
