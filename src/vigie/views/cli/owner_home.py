"""The home of a command, and its owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from vigie.domain.person import Caller
    from vigie.services.app_context import AppContext

    OpenedHome: TypeAlias = tuple[AppContext, Caller]


def opened_owner(
    home: Path | None, language: str = "", *, is_dated: bool = True
) -> tuple[AppContext, Caller]:
    """Return the home, with the market's clock, and its owner.

    Parameters
    ----------
    language : str
        Of what the command says; empty for that of the home.
    is_dated : bool
        Whether the command asks what day it is at the market.

    Raises
    ------
    UsageError
        If commands do not speak the language.
    """
    from vigie.catalogue import complete_languages
    from vigie.domain.errors import UsageError
    from vigie.domain.person import OWNER
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    opened = open_app_context(home, clock=open_market_clock(home, is_needed=is_dated)), OWNER
    if language in ("", *complete_languages()):
        return opened[0], replace(OWNER, language=language)
    with refusing_in_own_language(opened):
        raise UsageError(
            "unknown_language",
            "language must be one of {languages}, was {language!r}",
            languages=" ".join(complete_languages()),
            language=language[:20],
        )


def home_language(asked: OpenedHome) -> str:
    """Return the language of a command's texts: the one that was chosen, else that of the home's owner.

    Parameters
    ----------
    asked : (AppContext, Caller)
        The home and its owner.
    """
    from vigie.catalogue import complete_language

    home, caller = asked
    own = home.accounts.settings(caller.user)[1].get("language")
    return complete_language(caller.language or str(own or "en"))


def ask_owner(asked: OpenedHome, name: str, values: Mapping[str, object]) -> Any:
    """Ask an operation of a home as its owner; a refusal is said in the owner's language.

    Parameters
    ----------
    asked : (AppContext, Caller)
        The home and its owner.
    name : str
        Of the operation.
    values : mapping of str to object
        What it takes.
    """
    from vigie.services.operation_calls import run_operation

    with refusing_in_own_language(asked):
        return run_operation(*asked, name, dict(values))


def coin_names(asked: OpenedHome) -> dict[str, str]:
    """Return what coins, and the products of the owner's lines, are called, by their ids.

    Parameters
    ----------
    asked : (AppContext, Caller)
        The home and its owner.
    """
    from vigie.services.holdings.holding_book import HoldingSources
    from vigie.services.needs import provide

    names = {asset.id: asset.name for asset in provide(asked[0], HoldingSources).catalog.assets()}
    return names | {row.asset: row.name for row in ask_owner(asked, "holdings.list", {}).rows if row.asset}


@contextmanager
def refusing_in_own_language(asked: OpenedHome) -> Iterator[None]:
    """Say what is refused in the language of a command's texts.

    Parameters
    ----------
    asked : (AppContext, Caller)
        The home and its owner.

    Raises
    ------
    UsageError
        In that language, where its catalogue has the sentence.
    """
    from vigie.domain.errors import UsageError
    from vigie.services.refusal_text import translate_plain

    try:
        yield
    except UsageError as fault:
        language = home_language(asked)
        if language == "en" or not fault.args:
            raise
        translated = type(fault)(translate_plain(fault.args[0], language))
        translated.language = language
        raise translated from fault
