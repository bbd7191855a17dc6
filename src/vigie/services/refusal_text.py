"""A text in a result that may be a refusal: checked as a text, and its code and arguments stay for the pages."""

from __future__ import annotations

from collections.abc import Callable
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
    return fill_refusal(refusal, language, lambda _, value: translate_plain(value, language))


def fill_refusal(refusal: Refusal, language: str, say: Callable[[str, str], str]) -> str:
    """Return a refusal's sentence in a language; as it is where the catalogue has none for its arguments.

    Parameters
    ----------
    refusal : Refusal
    language : str
        Code of a language other than English.
    say : callable
        From the name and value of an argument to what stands in the sentence.
    """
    template = read_catalogue(language).named.get(f"refusal.{refusal.code}")
    if template is None:
        return refusal
    try:
        return template.format(**{name: say(name, value) for name, value in refusal.arguments.items()})
    except KeyError:
        # A row of a release whose sentence had other arguments.
        return refusal
