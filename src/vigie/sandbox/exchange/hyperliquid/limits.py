"""Rate limits: the weight of an address in a minute, and the actions of an account by what it has traded."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

from vigie.sandbox.exchange.windows import Window

WEIGHT_A_MINUTE: Final = 1_200
FIRST_ACTIONS: Final = 10_000
_LIGHT: Final = frozenset(
    "l2Book allMids clearinghouseState orderStatus spotClearinghouseState exchangeStatus".split()
)
_USUAL: Final = 20
_HEAVY: Final = {"userRole": 60}
# Long answers weigh more: one for so many rows.
_ROWS: Final = {
    **dict.fromkeys(("userFills", "userFillsByTime", "historicalOrders", "recentTrades", "userFunding"), 20),
    "userNonFundingLedgerUpdates": 20,
    "candleSnapshot": 60,
}


class Weights:
    """A sliding minute of weight for each address.

    Parameters
    ----------
    scale : float
        Multiplies the limit: a venue whose market runs sixty times as fast is asked as often.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._most = WEIGHT_A_MINUTE * scale
        self._actions = FIRST_ACTIONS * scale
        self._seen: dict[str, Window] = defaultdict(lambda: Window(60.0))
        self._asked: dict[str, int] = defaultdict(int)

    def take(self, address: str, weight: int, now_s: float) -> bool:
        """Count a request; False where it is too much."""
        if self._seen[address].used(now_s) + weight > self._most:
            return False
        self.add(address, weight, now_s)
        return True

    def add(self, address: str, weight: int, now_s: float) -> None:
        """Count what an answer weighs beyond its question."""
        self._seen[address].add(now_s, weight)

    def act(self, account: str, actions: int, traded: Decimal) -> str:
        """Count actions of an account; return what is wrong, nothing where they may be done."""
        asked, may = self._asked[account] + actions, self._actions + float(traded)
        if asked > may:
            return (
                f"Too many cumulative requests sent ({asked} > {int(may)}) for cumulative volume traded ${traded:.2f}. "
                "Place taker orders to free up 1 request per USDC traded."
            )
        self._asked[account] = asked
        return ""

    def used(self, account: str) -> int:
        """Return how many actions of an account were counted."""
        return self._asked[account]


def question_weight(kind: str) -> int:
    """Return what a question weighs."""
    return 2 if kind in _LIGHT else _HEAVY.get(kind, _USUAL)


def answer_weight(kind: str, answer: object) -> int:
    """Return what an answer weighs beyond its question."""
    rows = _ROWS.get(kind)
    return len(answer) // rows if rows and isinstance(answer, list) else 0


def action_weight(parts: int) -> int:
    """Return what an action weighs: a batch of forty counts once."""
    return 1 + parts // 40
