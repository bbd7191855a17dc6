"""A text in a result that may be a refusal: checked as a text, and its code and arguments stay for the pages."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import ValidatorFunctionWrapHandler, WrapValidator

from vigie.catalogue import read_catalogue
from vigie.domain.refusal import Refusal


def _keep_refusal(value: object, check: ValidatorFunctionWrapHandler) -> str:
    # Pydantic makes a plain text of every text.
    text: str = value if isinstance(value, Refusal) else check(value)
    return text


RefusalText: TypeAlias = Annotated[str, WrapValidator(_keep_refusal)]


def translate_plain(refusal: str, language: str) -> str:
    """Return a refusal in a language, its arguments as they are; as it is where the catalogue has no such sentence.

    Parameters
    ----------
    refusal : str
        With its code, or plain.
    language : str
        Code of a language.
    """
    if language == "en" or not isinstance(refusal, Refusal):
        return refusal
    template = read_catalogue(language).named.get(f"refusal.{refusal.code}")
    arguments = {name: translate_plain(value, language) for name, value in refusal.arguments.items()}
    try:
        return refusal if template is None else template.format(**arguments)
    except KeyError:
        return refusal
