"""Rate limits: the weight of an address in a minute, and the actions of an account by what it has traded."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

from vigie_sandbox.exchange.windows import SlidingWindow

MAX_WEIGHT_PER_MINUTE: Final = 1_200
FREE_ACTIONS: Final = 10_000
_LIGHT_QUESTIONS: Final = frozenset(
    "l2Book allMids clearinghouseState orderStatus spotClearinghouseState exchangeStatus".split()
)
_DEFAULT_WEIGHT: Final = 20
_HEAVY_QUESTIONS: Final = {"userRole": 60}
# Long answers weigh more: one for so many rows.
_ROWS_PER_WEIGHT: Final = {
    **dict.fromkeys(("userFills", "userFillsByTime", "historicalOrders", "recentTrades", "userFunding"), 20),
    "userNonFundingLedgerUpdates": 20,
    "candleSnapshot": 60,
}


class HyperliquidWeights:
    """A sliding minute of weight for each address.

    Parameters
    ----------
    scale : float
        Multiplies the limit: a venue whose market runs sixty times as fast is asked as often.
    """

    def __init__(self, scale: float = 1.0) -> None:
        self._max_weight = MAX_WEIGHT_PER_MINUTE * scale
        self._free_actions = FREE_ACTIONS * scale
        self._windows: dict[str, SlidingWindow] = defaultdict(lambda: SlidingWindow(60.0))
        self._n_actions: dict[str, int] = defaultdict(int)

    def count_request(self, address: str, weight: int, now_s: float) -> bool:
        """Count a request; False where it is too much."""
        if self._windows[address].used(now_s) + weight > self._max_weight:
            return False
        self.add_weight(address, weight, now_s)
        return True

    def add_weight(self, address: str, weight: int, now_s: float) -> None:
        """Count what an answer weighs beyond its question."""
        self._windows[address].add(now_s, weight)

    def count_actions(self, account: str, actions: int, traded: Decimal) -> str:
        """Count actions of an account; return what is wrong, nothing where they may be done."""
        n_asked, n_allowed = self._n_actions[account] + actions, self._free_actions + float(traded)
        if n_asked > n_allowed:
            return (
                f"Too many cumulative requests sent ({n_asked} > {int(n_allowed)}) for cumulative volume traded "
                f"${traded:.2f}. "
                "Place taker orders to free up 1 request per USDC traded."
            )
        self._n_actions[account] = n_asked
        return ""

    def get_used_actions(self, account: str) -> int:
        """Return how many actions of an account were counted."""
        return self._n_actions[account]


def get_question_weight(kind: str) -> int:
    """Return what a question weighs."""
    return 2 if kind in _LIGHT_QUESTIONS else _HEAVY_QUESTIONS.get(kind, _DEFAULT_WEIGHT)


def get_answer_weight(kind: str, answer: object) -> int:
    """Return what an answer weighs beyond its question."""
    rows = _ROWS_PER_WEIGHT.get(kind)
    return len(answer) // rows if rows and isinstance(answer, list) else 0


def get_action_weight(parts: int) -> int:
    """Return what an action weighs: a batch of forty counts once."""
    return 1 + parts // 40
