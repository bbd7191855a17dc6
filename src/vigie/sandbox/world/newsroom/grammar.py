"""Templates of events in two languages, and the names that fill them; read once from the files beside."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from vigie.sandbox.world.newsroom.outlets import Language

FILES: Final = ("official", "trade", "world")


@dataclass(frozen=True, slots=True)
class Wording:
    """How one language tells an event: several titles, sentences in order; slots in braces."""

    titles: tuple[str, ...]
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of event.

    Attributes
    ----------
    id : str
        Topic and name, ``enforcement.fine``.
    by : str
        Who has it first, or what brings it about: ``media``, ``regulator``, ``register``, ``office``, ``routine``,
        ``market``, ``newcoin``, ``word``, ``answer``, ``giveaway``, ``homonym``.
    tone : int
        -1 bad news, 1 good news, 0 neither.
    weight : float
        How often it happens beside others of its kind.
    wordings : dict of Wording by language
    """

    id: str
    by: str
    tone: int
    weight: float
    wordings: dict[Language, Wording]


@cache
def templates() -> dict[str, Template]:
    """Return every template by its id."""
    found = {}
    for name in FILES:
        for entry in _read(name)["event"]:
            wordings: dict[Language, Wording] = {
                language: Wording(tuple(entry[language]["titles"]), tuple(entry[language]["text"]))
                for language in ("en", "fr")
            }
            found[entry["id"]] = Template(
                entry["id"],
                entry.get("by", "media"),
                entry.get("tone", 0),
                entry.get("weight", 1.0),
                wordings,
            )
    return found


@cache
def brought_by(*who: str) -> tuple[Template, ...]:
    """Return the templates that somebody has first, each as often as it weighs."""
    chosen = [one for one in templates().values() if one.by in who]
    return tuple(one for one in chosen for _ in range(round(one.weight)))


@cache
def words() -> dict[str, Any]:
    """Return names and sentences."""
    return _read("words")


def _read(name: str) -> dict[str, Any]:
    path = files("vigie.sandbox.world.newsroom").joinpath("grammar").joinpath(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
