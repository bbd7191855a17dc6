"""A text in a result that may be a refusal: checked as a text, and its code and arguments stay for the pages."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from vigie.domain.refusal import Refusal


def _keep_refusal(value: object, check: ValidatorFunctionWrapHandler) -> str:
    # Pydantic makes a plain text of every text.
    text: str = value if isinstance(value, Refusal) else check(value)
    return text


RefusalText: TypeAlias = Annotated[str, WrapValidator(_keep_refusal)]
