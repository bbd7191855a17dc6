"""The feed of a rule, for programs that read feeds: whoever holds its address reads it, nobody signs in.

The word in the address is made with the secret of the home, so that nobody guesses it; a rule that is deleted has none.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.services.alerting.feeds import render_feed

MEDIA: Final = "application/rss+xml; charset=utf-8"


def routes(web: Any) -> list[Route]:
    """Return the route of the feeds."""

    async def show(request: Request) -> Response:
        rule, token = (str(request.path_params[name]) for name in ("rule", "word"))
        text = await run_in_threadpool(
            render_feed,
            web.app_context.accounts,
            web.app_context.alerts,
            web.app_context.is_simulated,
            web.app_context.notifiers,
            rule,
            token,
        )
        if text is None:
            headers = {"Cache-Control": "no-store"}
            return Response("There is no such feed.\n", 404, media_type="text/plain", headers=headers)
        body = text.encode()
        # Its address is a secret: neither caches on the way nor search engines keep it.
        headers = {
            "Cache-Control": "private, max-age=60",
            "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
            "X-Robots-Tag": "noindex",
        }
        known_tags = (
            tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")
        )
        if headers["ETag"] in known_tags:
            return Response(status_code=304, headers=headers)
        return Response(body, media_type=MEDIA, headers=headers)

    return [Route("/feeds/alerts/{rule}/{word}", show, methods=["GET"], name="alert_feed")]
