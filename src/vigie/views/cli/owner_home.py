"""The home of a command, and its owner."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from vigie.domain.person import Caller
    from vigie.services.app_context import AppContext

    OpenedHome: TypeAlias = tuple[AppContext, Caller]


def opened_owner(home: Path | None, *, is_dated: bool = True) -> tuple[AppContext, Caller]:
    """Return the home, with the market's clock, and its owner.

    Parameters
    ----------
    is_dated : bool
        Whether the command asks what day it is at the market.
    """
    from vigie.domain.person import OWNER
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.market_clock import open_market_clock

    return open_app_context(home, clock=open_market_clock(home, is_needed=is_dated)), OWNER


def home_language(asked: OpenedHome, chosen: str = "") -> str:
    """Return the language of a command's texts: the one that was chosen, else that of the home's owner.

    Parameters
    ----------
    asked : (AppContext, Caller)
        The home and its owner.
    chosen : str
        By an option; empty where none was.
    """
    from vigie.catalogue import complete_language

    home, caller = asked
    return complete_language(chosen or str(home.accounts.settings(caller.user)[1].get("language") or "en"))


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
    from vigie.domain.errors import UsageError
    from vigie.services.operation_calls import run_operation
    from vigie.services.refusal_text import translate_plain

    try:
        return run_operation(*asked, name, dict(values))
    except UsageError as fault:
        language = home_language(asked)
        if language == "en" or not fault.args:
            raise
        raise type(fault)(translate_plain(fault.args[0], language)) from fault
