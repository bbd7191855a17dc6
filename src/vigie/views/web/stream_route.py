"""The address where a browser listens to what changes: ``GET /stream``."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from vigie.domain.person import OWNER, VISITOR
from vigie.domain.refusal import Refusal
from vigie.services.people.ownership import owner_of
from vigie.views.web.identity import Identity
from vigie.views.web.request_origin import client_address
from vigie.views.web.stream import TOPICS


def routes(web: Any) -> list[Route]:
    """Return the route of the stream of what changes."""

    async def stream(request: Request) -> Response:
        identity = await run_in_threadpool(web.authenticator.who, request)
        if identity.caller is None:
            return Response(status_code=401)
        if not identity.caller.may("read"):
            return Response(status_code=403)
        client = identity.caller.user
        if client == VISITOR.user:
            client = f"{client} {client_address(request)}"
        elif client == OWNER.user:
            client = ""  # the local owner is alone: without users nobody is let in from elsewhere
        retry_headers = {"Retry-After": "30"}
        if web.hub.is_full_for(client):
            raise HTTPException(
                429,
                Refusal(
                    "too_many_live_streams_open",
                    "you have too many live streams open; close some tabs, pages work without them",
                ),
                retry_headers,
            )
        if web.hub.is_full():
            raise HTTPException(
                503,
                Refusal(
                    "too_many_live_streams_open_pages",
                    "too many live streams are open; pages work without them, try again later",
                ),
                retry_headers,
            )
        owner = await run_in_threadpool(owner_of, web.app_context.accounts, identity.caller)
        topics = frozenset(request.query_params.get("topics", "quotes").split(",")) & frozenset(TOPICS)
        last = request.headers.get("last-event-id", request.query_params.get("after", ""))
        after = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else None
        return StreamingResponse(
            web.hub.listen(
                topics, owner, after, client=client, is_allowed=lambda: _is_same_user(web, request, identity)
            ),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return [Route("/stream", stream)]


def _is_same_user(web: Any, request: Request, identity: Identity) -> bool:
    """Tell whether who opened a stream would still be let in as the same person."""
    caller, first_caller = web.authenticator.who(request).caller, identity.caller
    return caller is not None and first_caller is not None and caller.user == first_caller.user
