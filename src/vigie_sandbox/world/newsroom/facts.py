"""What is true of an event, drawn once, and how each language says it: the same event reads alike everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from vigie_sandbox.world.catalogue import Coin
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.newsroom.grammar import load_words
from vigie_sandbox.world.newsroom.outlets import Language

_NAME_LISTS: Final = (
    ("firm", "firms"), ("exchange", "exchanges"), ("bank", "banks"), ("person", "people"), ("city", "cities"),
    ("protocol", "protocols"), ("stable", "stables"), ("word_upgrade", "upgrades"), ("word", "emerging"),
)  # fmt: skip
_BILINGUAL: Final = (("law", "laws"), ("court", "courts"))
_FIXED: Final = ("regulator", "vma", "office")
_N_DRAWS: Final = 20
_VOWELS: Final = "AEIOUYÉaeiouyé"
# The share of events that are about the two largest coins, and about other coins that are watched.
_BITCOIN, _ETHER, _WATCHED = 0.38, 0.56, 0.92


@dataclass(frozen=True, slots=True)
class NewsEvent:
    """Something that happens.

    Attributes
    ----------
    id : str
        Of this event alone; everything about it is drawn from it.
    kind : str
        Id of its template.
    ts : int
        When, market time in whole seconds.
    fixed_facts : mapping
        Facts that are not drawn: ``coin`` as (name, symbol), ``firm``, ``move``, ...
    is_arc : bool
        Whether every outlet writes about it, one of them wrongly.
    """

    id: str
    kind: str
    ts: int
    fixed_facts: Mapping[str, Any] = field(default_factory=dict)
    is_arc: bool = False


def draw_facts(seed: int, event: NewsEvent, coins: Sequence[Coin]) -> dict[str, Any]:
    """Return what is true of an event, in no language yet."""
    u = uniforms(derive_key(seed, "news", "facts", event.id), range(_N_DRAWS)).tolist()
    facts: dict[str, Any] = {"coin": _pick_coin(u[0], u[1], coins)}
    for index, (name, list_name) in enumerate(_NAME_LISTS, start=2):
        facts[name] = pick(u[index], load_words()[list_name])
    for index, (name, list_name) in enumerate(_BILINGUAL, start=11):
        facts[name] = pick(u[index], load_words()[list_name])
    facts["amount"] = 1.5 * 600.0 ** u[13]
    facts["small"] = round(20 * 45.0 ** u[14]) * 1_000
    facts["percent"] = 0.5 + (5.5 if event.kind.startswith("macro.") else 28.0) * u[15]
    facts["few"] = 4 + int(6 * u[16])
    facts["days"] = 10 + int(50 * u[17])
    facts["hundreds"] = 110 + int(880 * u[18])
    return facts | dict(event.fixed_facts)


def format_facts(facts: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return every slot of a template in one language."""
    language_index = 0 if language == "en" else 1
    name, symbol = facts["coin"]
    texts = {key: value for key, value in facts.items() if isinstance(value, str)}
    texts |= {key: facts[key][language_index] for key, _ in _BILINGUAL}
    texts |= {key: load_words()[key][language_index] for key in _FIXED}
    texts |= {"coin": name, "symbol": symbol, "de_coin": f"d'{name}" if name[0] in _VOWELS else f"de {name}"}
    texts |= {key: str(facts[key]) for key in ("few", "days", "hundreds")}
    texts |= {key: _percent(facts[key], language) for key in ("percent", "move") if key in facts}
    texts |= {"amount": _millions(facts["amount"], language), "small": _dollars(facts["small"], language)}
    if "liquidity" in facts:
        texts["liquidity"] = _dollars(facts["liquidity"], language)
    return texts


def fill_template(pattern: str, texts: Mapping[str, str], language: Language) -> str:
    """Return a sentence with its slots filled; French articles fit what follows them."""
    sentence = pattern.format_map(texts)
    sentence = sentence[:1].upper() + sentence[1:]
    if language == "fr":
        sentence = re.sub(rf"\b([Dd])e (?=[{_VOWELS}])(?=[A-ZÉ])", r"\1'", sentence)
        for name in (texts["coin"], texts["word"]):
            if name[0] in _VOWELS:
                sentence = _elide(sentence, name)
    return sentence


def _elide(sentence: str, name: str) -> str:
    for article, elided_article in (
        ("le", "l'"),
        ("Le", "L'"),
        ("du", "de l'"),
        ("Du", "De l'"),
        ("au", "à l'"),
    ):
        sentence = re.sub(rf"\b{article} {re.escape(name)}\b", f"{elided_article}{name}", sentence)
    return sentence


def _pick_coin(draw: float, other_draw: float, coins: Sequence[Coin]) -> tuple[str, str]:
    if draw < _ETHER:
        coin = coins[0 if draw < _BITCOIN else 1]
    else:
        is_watched = draw < _WATCHED
        coin = pick(
            other_draw,
            [
                candidate
                for candidate in coins[2:]
                if candidate.kind == "coin" and candidate.is_watched is is_watched
            ],
        )
    return coin.name, coin.symbol


def pick(draw: float, choices: Sequence[Any]) -> Any:
    """Return the choice that a draw of [0, 1) falls on."""
    return choices[int(draw * len(choices))]


def floor_second(ms: float) -> int:
    """Return a time in whole seconds: what is published has no finer one."""
    return int(ms) // 1_000 * 1_000


def _percent(value: float, language: Language) -> str:
    return f"{value:.1f}%" if language == "en" else f"{value:.1f} %".replace(".", ",")


def _millions(value: float, language: Language) -> str:
    if language == "en":
        return f"${value:.1f} million"
    return f"{value:.1f} million{'s' if round(value, 1) >= 2 else ''} de dollars".replace(".", ",")


def _dollars(value: float, language: Language) -> str:
    return f"${value:,.0f}" if language == "en" else f"{value:,.0f} dollars".replace(",", " ")
