"""Coins that appear: every few hours a new one is listed, with a pool, little liquidity and an odd name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world.hashed_random import derive_key, uniforms
from vigie_sandbox.world.world import World

_HISTORY_MS: Final = 30 * DAY_MS
_INTERVAL_MS: Final = 7 * HOUR_MS
_HEADS: Final = ("Bo", "Chi", "Fro", "Glim", "Ka", "Lu", "Mo", "Nib", "Pip", "Qua", "Sno", "Tik", "Wob", "Zu")
_TAILS: Final = ("bit", "cat", "dax", "fro", "gle", "ko", "lume", "moth", "nut", "paw", "ric", "ster", "vex")
NETWORKS: Final = (("eth", "Ethereum"), ("solana", "Solana"), ("base", "Base"), ("bsc", "BNB Chain"))


@dataclass(frozen=True, slots=True)
class SimulatedNewcomer:
    """A coin that was listed lately.

    Attributes
    ----------
    id, symbol, name : str
        In the catalogue.
    listed_ms : int
        When it appeared.
    network : tuple of str
        Id and name of its chain.
    pool : str
        Address of its pool, invented.
    price, liquidity, turnover : float
        In dollars, at its listing and of its first day.
    change : float
        Of a day, as a fraction.
    """

    id: str
    symbol: str
    name: str
    listed_ms: int
    network: tuple[str, str]
    pool: str
    price: float
    liquidity: float
    turnover: float
    change: float


def list_newcomers(world: World, now_ms: int) -> list[SimulatedNewcomer]:
    """Return every coin listed so far in the month before the world opened and since, oldest first."""
    first = world.opened_ms - _HISTORY_MS
    listed = []
    for number in range((now_ms - first) // _INTERVAL_MS + 1):
        newcomer = _make_newcomer(world.seed, number, first)
        if newcomer.listed_ms <= now_ms:
            listed.append(newcomer)
    return listed


def _make_newcomer(seed: int, number: int, first_ms: int) -> SimulatedNewcomer:
    u = uniforms(derive_key(seed, "newcomers", str(number)), range(10)).tolist()
    name = _HEADS[int(u[0] * len(_HEADS))] + _TAILS[int(u[1] * len(_TAILS))]
    liquidity = 10.0 ** (3.2 + 2.6 * u[4])
    return SimulatedNewcomer(
        id=f"{name.lower()}-{number}",
        symbol=name.upper(),
        name=name,
        listed_ms=first_ms + number * _INTERVAL_MS + int(u[2] * _INTERVAL_MS * 0.9),
        network=NETWORKS[int(u[3] * len(NETWORKS))],
        pool="0x" + "".join(f"{int(x * 2**32):08x}" for x in (*u[:4], u[5])),
        price=10.0 ** (-7.0 + 6.0 * u[5]),
        liquidity=liquidity,
        turnover=liquidity * (0.2 + 6.0 * u[6]),
        change=-0.7 + 1.9 * u[7] * u[8],
    )
