"""Operations to routes: ``markets.list`` is ``GET /api/v1/markets/list``; what changes something is posted.

Input, result, errors and exports come from the declaration; nothing here knows any single operation.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final, Literal, Protocol

from fastapi import APIRouter, Body, FastAPI, Query
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from vigie.domain.person import Caller
from vigie.domain.time import iso
from vigie.services.app_context import AppContext
from vigie.services.market_data.euros import rename_euro_columns
from vigie.services.market_data.licence_terms import add_licences
from vigie.services.operation import Operation, Table, operations
from vigie.services.operation_calls import describe_errors, run_validated
from vigie.views.api import exports, problems
from vigie.views.api.limits import RateLimiter

PREFIX: Final = "/api/v1"
# Written once in the description: repeated with every refusal of every operation it was more than half of it.
PROBLEM: Final = "#/components/schemas/Problem"
# Addresses that stay when versions come and go, for programs that watch an account.
STABLE: Final = {
    f"trading.{name}": f"/api/{name}"
    for name in ("account", "positions", "closed_trades", "daily_stats", "state")
}

Form = Literal["csv", "json", "xlsx", "parquet"]


class ApiHost(Protocol):
    """What the routes need of the web: the house, who asks, and the check of forms."""

    app_context: AppContext
    authenticator: Any
    options: Any

    def check_form(self, request: Request, identity: Any, form: Any) -> None:
        """Refuse what another site made the browser send."""
        ...


def add_api(app: FastAPI, host: ApiHost) -> None:
    """Add a route for every operation."""
    app.state.entrance = _RequestGate(host, RateLimiter(host.options.per_minute))
    app.router.routes.extend(operation_routes())

    async def invalid(request: Request, fault: Exception) -> Response:
        assert isinstance(fault, RequestValidationError)
        return problems.problem_response(422, describe_errors(fault.errors(), after=1), request.url.path)

    app.add_exception_handler(RequestValidationError, invalid)
    describe = app.openapi

    def describe_with_problem() -> dict[str, Any]:
        description = describe()
        description["components"]["schemas"].setdefault("Problem", problems.Problem.model_json_schema())
        return description

    app.openapi = describe_with_problem  # type: ignore[method-assign]  # as FastAPI's documentation says


def route_path(declared: Operation) -> str:
    """Return the route of an operation."""
    return f"{PREFIX}/{declared.name.replace('.', '/')}"


@cache
def operation_routes() -> tuple[BaseRoute, ...]:
    """Return the routes of all operations, made once: what an address takes and answers is read from types, slowly."""
    router = APIRouter()
    for declared in operations().values():
        _add_routes(router, declared)
    return tuple(router.routes)


def _add_routes(router: APIRouter, declared: Operation) -> None:
    kind: Any = Annotated[declared.input_type, Body() if declared.is_change else Query()]
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)
    ask = inspect.Parameter("ask", inspect.Parameter.KEYWORD_ONLY, annotation=kind)
    form = inspect.Parameter("form", inspect.Parameter.KEYWORD_ONLY, annotation=Form)

    async def answer(request: Request, *, ask: Any) -> Response:
        gate: _RequestGate = request.app.state.entrance
        return await gate.admit(
            request,
            declared,
            lambda caller: _run_operation(gate.host.app_context, declared, caller, ask, request),
        )

    answer.__signature__ = inspect.Signature([request, ask])  # type: ignore[attr-defined]  # FastAPI reads it; functions have no such field by type
    router.add_api_route(
        route_path(declared),
        answer,
        methods=["POST" if declared.is_change else "GET"],
        name=declared.name,
        operation_id=declared.name,
        summary=declared.summary,
        tags=[declared.name.split(".")[0]],
        response_model=declared.result_type,
        responses=_responses(),
        openapi_extra={"x-scope": declared.scope, "x-example": declared.example},
    )
    if declared.name in STABLE:
        router.add_api_route(
            STABLE[declared.name], answer, name=STABLE[declared.name], response_model=declared.result_type,
            include_in_schema=False,
        )  # fmt: skip
    if not declared.is_table or declared.is_change:
        return

    async def file(request: Request, *, form: Form, ask: Any) -> Response:
        gate: _RequestGate = request.app.state.entrance
        return await gate.admit(
            request,
            declared,
            lambda caller: _export_table(gate.host.app_context, declared, caller, ask, form),
        )

    file.__signature__ = inspect.Signature([request, form, ask])  # type: ignore[attr-defined]  # FastAPI reads it; functions have no such field by type
    router.add_api_route(
        route_path(declared) + ".{form}",
        file,
        methods=["GET"],
        name=f"{declared.name}.file",
        operation_id=f"{declared.name}.file",
        summary=f"{declared.summary.rstrip('.')}, as a file.",
        tags=[declared.name.split(".")[0]],
        response_class=Response,
        responses={200: {"content": {media: {} for media in exports.FORMATS.values()}}, **_responses()},
        openapi_extra={"x-scope": declared.scope},
    )


class _RequestGate:
    """What every route of an operation checks first: limits, who asks, form token, scope."""

    def __init__(self, host: ApiHost, limits: RateLimiter) -> None:
        self.host = host
        self._limits = limits

    async def admit(
        self, request: Request, declared: Operation, work: Callable[[Caller], Response]
    ) -> Response:
        identity = await run_in_threadpool(self.host.authenticator.who, request)
        limit_status = self._limits.take(
            self.host.authenticator.counted_as(request, identity), self.host.app_context.clock.wall_now()
        )
        headers = {
            "RateLimit-Limit": str(limit_status.limit),
            "RateLimit-Remaining": str(limit_status.remaining),
            "RateLimit-Reset": str(limit_status.reset_s),
        }
        path = request.url.path
        if not limit_status.is_allowed:
            wait_headers = {**headers, "Retry-After": str(limit_status.reset_s)}
            return problems.problem_response(429, "too many requests; wait and go on", path, wait_headers)
        if identity.caller is None:
            return problems.problem_response(
                401, "sign in, or send a token", path, {**headers, "WWW-Authenticate": "Bearer"}
            )
        if declared.is_change and not identity.is_token and not request.cookies:
            # A program: a browser of ours always brings its cookie.
            detail = "this changes something: send a token, `Authorization: Bearer ...`"
            return problems.problem_response(401, detail, path, {**headers, "WWW-Authenticate": "Bearer"})
        if declared.is_change and not identity.is_token:
            self.host.check_form(request, identity, {})
        if not identity.caller.may(declared.scope):
            return problems.problem_response(403, f"this needs the scope {declared.scope}", path, headers)
        response = await run_in_threadpool(work, identity.caller)
        response.headers.update(headers)
        return response


def _responses() -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {problems.MEDIA_TYPE: {"schema": {"$ref": PROBLEM}}}
    refusals: dict[int | str, dict[str, Any]] = {
        status: {"content": content, "description": text}
        for status, text in (
            (400, "The input cannot be used."),
            (401, "Nobody has signed in."),
            (403, "The caller does not hold the scope."),
            (404, "There is no such thing."),
            (409, "Somebody else changed it meanwhile, or the same is there already."),
            (422, "The input does not fit."),
            (429, "Too many requests."),
            (503, "A source or the database does not answer."),
        )
    }
    return {304: {"description": "Not changed since the given ETag."}, **refusals}


def _run_operation(
    app_context: AppContext, declared: Operation, caller: Caller, params: Any, request: Request
) -> Response:
    result = run_validated(app_context, caller, declared, params)
    if isinstance(result, Table):
        result = rename_euro_columns(result)
    body = result.model_dump_json().encode()
    headers = {"Cache-Control": "private, no-cache"}
    if declared.is_change:
        return Response(body, media_type="application/json", headers=headers)
    headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


def _export_table(
    app_context: AppContext, declared: Operation, caller: Caller, params: Any, form: str
) -> Response:
    table = rename_euro_columns(run_validated(app_context, caller, declared, params))
    table = table.model_copy(update={"origins": add_licences(app_context.directory, table.origins)})
    day = iso(app_context.clock.market_now())[:10]
    name = f"vigie-{declared.name.replace('.', '-')}-{day}.{form}"
    return Response(
        exports.export(table, form, is_simulated=app_context.is_simulated),
        media_type=exports.FORMATS[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-cache",
        },
    )
