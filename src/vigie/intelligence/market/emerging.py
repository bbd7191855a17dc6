"""New coins and pools with their age, their liquidity and their risk flags.

Takes newcomers and the assets people know; gives each newcomer with flags, every flag with its number and the
bound it passed.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from vigie.domain.accents import strip_accents
from vigie.domain.asset import Asset
from vigie.domain.time import HOUR_MS
from vigie.intelligence.market.words import load_texts

Kind = Literal["coin", "pool"]
FlagKey = Literal["young", "thin", "unknown_liquidity", "churned", "one_pool", "imitates", "ticker_taken"]

YOUNG_HOURS: Final = 24.0
THIN_USD: Final = 100_000.0
CHURN: Final = 10.0
# Letters that look like others; both sides are folded, so that it is enough that they meet.
_LOOKALIKES: Final = str.maketrans(
    {
        "\u0430": "a", "\u0432": "b", "\u0435": "e", "\u043a": "k", "\u043c": "m", "\u043d": "h", "\u043e": "o",
        "\u0440": "p", "\u0441": "c", "\u0442": "t", "\u0443": "y", "\u0445": "x", "\u0455": "s", "\u0456": "l",
        "\u0458": "j", "\u0501": "d", "\u051b": "q", "\u0261": "g", "\u03b1": "a", "\u03b2": "b", "\u03b5": "e",
        "\u03b7": "n", "\u03b9": "l", "\u03ba": "k", "\u03bc": "u", "\u03bd": "v", "\u03bf": "o", "\u03c1": "p",
        "\u03c4": "t", "\u03c5": "u", "\u03c7": "x", "\u0131": "l", "\u00df": "b", "\u00f8": "o", "\u0142": "l",
        "0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "i": "l", "|": "l", "!": "l",
        "$": "s", "@": "a", "\u20bf": "b", "\u039e": "e", "\u03be": "e",
    }
)  # fmt: skip
_PAIRS: Final = (("rn", "m"), ("vv", "w"))


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A new coin or pool as sources tell it.

    Attributes
    ----------
    id, name, symbol : str
        Catalogue id or address of the pool; what it calls itself.
    kind : str
        ``coin`` or ``pool``.
    first_seen : int
        When it was created, or first seen where that is not told; epoch milliseconds.
    place : str
        Chain or venue.
    liquidity_usd, volume_24h : float
        US dollars; NaN where not known.
    pools : int
        Pools it is traded in; 0 where not known.
    """

    id: str
    name: str
    symbol: str
    kind: Kind
    first_seen: int
    place: str = ""
    liquidity_usd: float = math.nan
    volume_24h: float = math.nan
    pools: int = 0


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason to be careful.

    Attributes
    ----------
    key : str
        Its rule stands in the tables of words.
    value, bound : float
        The number, and the bound it passed; NaN where the number itself is missing.
    asset : str
        Name of the known asset that is meant; empty where none is.
    """

    key: FlagKey
    value: float
    bound: float
    asset: str = ""

    def title(self, language: str) -> str:
        """Return the flag in a few words."""
        return load_texts(language)(f"flags.{self.key}.title")

    def rule(self, language: str, euro: float = 0.0) -> str:
        """Return the rule with the number that met it; `euro` is what a dollar is worth to who counts in euros."""
        table = load_texts(language, euro)
        unit = _UNITS[self.key]
        value, bound = table.numbers.of(self.value, unit), table.numbers.of(self.bound, unit)
        return table(f"flags.{self.key}.rule", value=value, bound=bound, asset=self.asset)


@dataclass(frozen=True, slots=True)
class FlaggedNewcomer:
    """A newcomer and what to beware of.

    Attributes
    ----------
    newcomer : Newcomer
    age_hours : float
        Since it was first seen.
    turnover : float
        Volume of 24 hours against liquidity; NaN where not known.
    flags : tuple of Flag
        In the order of `FLAGS`.
    """

    newcomer: Newcomer
    age_hours: float
    turnover: float
    flags: tuple[Flag, ...] = field(default=())


FLAGS: Final[tuple[FlagKey, ...]] = (
    "imitates", "ticker_taken", "young", "thin", "unknown_liquidity", "churned", "one_pool",
)  # fmt: skip
_UNITS: Final[dict[FlagKey, str]] = {
    "young": "count",
    "thin": "usd",
    "unknown_liquidity": "usd",
    "churned": "ratio",
    "one_pool": "count",
    "imitates": "count",
    "ticker_taken": "count",
}


def flag_newcomers(
    newcomers: Iterable[Newcomer], *, now: int, known: Sequence[Asset]
) -> tuple[FlaggedNewcomer, ...]:
    """Return newcomers with their flags, youngest first.

    Parameters
    ----------
    newcomers : iterable of Newcomer
        Those first seen after `now` are left out.
    now : int
        Epoch milliseconds.
    known : sequence of Asset
        The assets people know, largest first.
    """
    flagged = [_flag_newcomer(newcomer, now, known) for newcomer in newcomers if newcomer.first_seen <= now]
    return tuple(sorted(flagged, key=lambda newcomer: (newcomer.age_hours, newcomer.newcomer.id)))


def fold_lookalikes(text: str) -> str:
    """Return what a name looks like: lower case, look-alikes folded, marks and signs dropped."""
    folded = strip_accents(unicodedata.normalize("NFKD", text).casefold()).translate(_LOOKALIKES)
    for pair, letter in _PAIRS:
        folded = folded.replace(pair, letter)
    return "".join(char for char in folded if char.isalnum())


def edit_distance(a: str, b: str, most: int = 3) -> int:
    """Return how many letters differ: inserted, dropped, replaced or swapped with their neighbour.

    Counting stops above `most`: the answer is then ``most + 1``.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    older: list[int] = []
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        new = [i]
        for j, right in enumerate(b, 1):
            cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            new.append(cost)
        older, row = row, new
    return min(row[-1], most + 1)


def _flag_newcomer(newcomer: Newcomer, now: int, known: Sequence[Asset]) -> FlaggedNewcomer:
    age = (now - newcomer.first_seen) / HOUR_MS
    turnover = newcomer.volume_24h / newcomer.liquidity_usd if newcomer.liquidity_usd > 0 else math.nan
    flags: dict[FlagKey, Flag] = {}
    if age < YOUNG_HOURS:
        flags["young"] = Flag("young", age, YOUNG_HOURS)
    if math.isnan(newcomer.liquidity_usd):
        flags["unknown_liquidity"] = Flag("unknown_liquidity", math.nan, THIN_USD)
    elif newcomer.liquidity_usd < THIN_USD:
        flags["thin"] = Flag("thin", newcomer.liquidity_usd, THIN_USD)
    if turnover > CHURN:
        flags["churned"] = Flag("churned", turnover, CHURN)
    if newcomer.pools == 1:
        flags["one_pool"] = Flag("one_pool", 1, 1)
    for flag in (_imitation_flag(newcomer, known), _ticker_flag(newcomer, known)):
        if flag is not None:
            flags[flag.key] = flag
    return FlaggedNewcomer(newcomer, age, turnover, tuple(flags[key] for key in FLAGS if key in flags))


def _imitation_flag(newcomer: Newcomer, known: Sequence[Asset]) -> Flag | None:
    name = fold_lookalikes(newcomer.name)
    for asset in known:
        if asset.id == newcomer.id:
            continue
        known_name = fold_lookalikes(asset.name)
        allowed = _allowed_edits(known_name)
        distance = edit_distance(name, known_name)
        if name and distance <= allowed:
            return Flag("imitates", distance, allowed, asset.name)
    return None


def _allowed_edits(name: str) -> int:
    """Return how many letters of a name of this length may differ and still deceive."""
    return 0 if len(name) < 5 else 1 if len(name) < 9 else 2


def _ticker_flag(newcomer: Newcomer, known: Sequence[Asset]) -> Flag | None:
    symbol = fold_lookalikes(newcomer.symbol)
    twin = next(
        (
            asset
            for asset in known
            if asset.id != newcomer.id and symbol and fold_lookalikes(asset.symbol) == symbol
        ),
        None,
    )
    return Flag("ticker_taken", 0, 0, twin.name) if twin else None
