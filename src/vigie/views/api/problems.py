"""Errors as ``application/problem+json`` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from vigie.domain.refusal import Refusal

MEDIA_TYPE: Final = "application/problem+json"


class Problem(BaseModel):
    """What went wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field("", description="Of the refusal; it stays when the sentence changes.")


def problem_response(
    status: int, detail: str, instance: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Return an error response."""
    code = detail.code if isinstance(detail, Refusal) else ""
    problem = Problem(
        title=HTTPStatus(status).phrase, status=status, detail=detail, instance=instance, code=code
    )
    return JSONResponse(problem.model_dump(), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)
