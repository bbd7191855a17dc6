"""Boards to begin with: what a newsroom asks for most."""

from __future__ import annotations

from typing import Final

from vigie.catalogue import NamedTexts
from vigie.services.languages import Language
from vigie.services.studio.board import Shape
from vigie.services.studio.plan import BoardPlan

PRESETS: Final = ("two_assets", "one_chart", "movers", "market", "words", "empty")
_TITLES: Final = NamedTexts(
    "board.preset",
    {
        "two_assets": "Bitcoin and Ethereum over 24 h, 1 week, 1 month",
        "one_chart": "Bitcoin over 1 year",
        "movers": "Biggest moves, 24 hours",
        "market": "Crypto market, 24 hours",
        "words": "Headline keywords",
        "empty": "",
    },
)
_PAIR: Final = "bitcoin,ethereum"
_PARTS: Final[dict[str, tuple[dict[str, str], ...]]] = {
    "two_assets": (
        {"kind": "chart", "assets": _PAIR, "span": "24h"},
        {"kind": "chart", "assets": _PAIR, "span": "1w"},
        {"kind": "chart", "assets": _PAIR, "span": "1m"},
        {"kind": "table", "assets": _PAIR, "table": "compared"},
    ),
    "one_chart": ({"kind": "chart", "assets": "bitcoin", "span": "1y", "mode": "absolute"},),
    "movers": ({"kind": "table", "table": "movers", "span": "24h"},),
    "market": ({"kind": "heat", "heat": "market", "span": "24h"},),
    "words": ({"kind": "words", "span": "1w"},),
    "empty": (),
}


def preset_titles(language: Language) -> dict[str, str]:
    """Return what each preset is called, in the order in which they are offered."""
    return {name: _TITLES[language][name] for name in PRESETS}


def preset_plan(name: str, *, language: Language, shape: Shape, zone: str, currency: str) -> BoardPlan:
    """Return the plan of a preset."""
    return BoardPlan.model_validate(
        {
            "title": _TITLES[language][name], "language": language, "shape": shape, "zone": zone,
            "currency": currency, "parts": list(_PARTS[name]),
        }
    )  # fmt: skip
