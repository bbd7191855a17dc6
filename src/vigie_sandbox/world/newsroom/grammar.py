"""Templates of events in two languages, and the names that fill them; read once from the files beside."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from vigie_sandbox.world.newsroom.outlets import Language

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
    origin : str
        Who has it first, or what brings it about: ``media``, ``regulator``, ``register``, ``office``, ``routine``,
        ``market``, ``newcoin``, ``word``, ``answer``, ``giveaway``, ``homonym``, and of scenes ``hoax``, ``rebuttal``.
    tone : int
        -1 bad news, 1 good news, 0 neither.
    weight : float
        How often it happens beside others of its kind.
    wordings : dict of Wording by language
    """

    id: str
    origin: str
    tone: int
    weight: float
    wordings: dict[Language, Wording]


@cache
def load_templates() -> dict[str, Template]:
    """Return every template by its id."""
    by_id = {}
    for name in FILES:
        for entry in _load_toml(name)["event"]:
            wordings: dict[Language, Wording] = {
                language: Wording(tuple(entry[language]["titles"]), tuple(entry[language]["text"]))
                for language in ("en", "fr")
            }
            by_id[entry["id"]] = Template(
                entry["id"],
                entry.get("by", "media"),
                entry.get("tone", 0),
                entry.get("weight", 1.0),
                wordings,
            )
    return by_id


@cache
def templates_by_origin(*origins: str) -> tuple[Template, ...]:
    """Return the templates that somebody has first, each as often as it weighs."""
    matching = [template for template in load_templates().values() if template.origin in origins]
    return tuple(template for template in matching for _ in range(round(template.weight)))


def is_about_coins(template: Template) -> bool:
    """Whether a template names a coin where an office says it first."""
    return "{coin}" in template.wordings["en"].titles[0]


@cache
def load_words() -> dict[str, Any]:
    """Return names and sentences."""
    return _load_toml("words")


def _load_toml(name: str) -> dict[str, Any]:
    path = files("vigie_sandbox.world.newsroom").joinpath("grammar").joinpath(f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))
