"""The address where a chart keeps a person's drawings: ``GET`` and ``PUT /asset/<id>/drawings``, as JSON.

Those on the chart in euros are apart: ``?currency=eur``.

Another version than the one that is kept is answered with 409, so that a second tab never writes over the first.
"""

from __future__ import annotations

import json
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vigie.domain.errors import UsageError
from vigie.services.operation_calls import run_operation
from vigie.views.api import problems

MOST_BYTES: Final = 256 * 1024


def routes(web: Any) -> list[Route]:
    """Return the route of drawings."""

    async def keep(request: Request) -> Response:
        identity = await run_in_threadpool(web.authenticator.who, request)
        path = request.url.path
        if identity.caller is None:
            return problems.problem_response(401, "sign in, or send a token", path)
        values: dict[str, Any] = {"asset": request.path_params["id"]}
        if "currency" in request.query_params:
            values["currency"] = request.query_params["currency"]
        name = "assets.drawings"
        if request.method == "PUT":
            if not identity.is_token:
                web.check_form(request, identity, {})
            name, values = "assets.save_drawings", {**await _read_body(request), **values}
        result = await run_in_threadpool(run_operation, web.app_context, identity.caller, name, values)
        return Response(
            result.model_dump_json(exclude_defaults=True, exclude={"as_of"}),
            media_type="application/json",
            headers={"Cache-Control": "private, no-store"},
        )

    return [Route("/asset/{id}/drawings", keep, methods=["GET", "PUT"], name="drawings")]


async def _read_body(request: Request) -> dict[str, Any]:
    """Return the drawings and the version that were sent; anything else is left for the operation to refuse."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > MOST_BYTES:
            raise UsageError(
                "drawings_must_most_bytes",
                "drawings must be at most {most_bytes} bytes",
                most_bytes=MOST_BYTES,
            )
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as fault:
        raise UsageError("drawings_must_json", "drawings must be JSON") from fault
    if not isinstance(body, dict):
        raise UsageError(
            "drawings_must_json_object_drawings", "drawings must be a JSON object with drawings and version"
        )
    return body
