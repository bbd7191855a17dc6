"""Binance's signed questions and orders over ccxt: sent once, timed by the venue's clock, answers read strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.binance.codes import MULTI_ASSETS, MULTI_ASSETS_CURE, meaning_of
from vigie.adapters.venues.binance.live import SPEECH
from vigie.adapters.venues.ccxt_loader import exchange_class
from vigie.adapters.venues.contract_names import ContractNames, usual_names
from vigie.adapters.venues.envelope import Meaning, Said, guarded
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, SignedWire, pause_of, understood_of
from vigie.adapters.venues.strict import redirected
from vigie.adapters.venues.weight_budget import WeightBudget
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError
from vigie.domain.ids import parse_instrument
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.trading import not_withheld

TITLE: Final = "Binance"
COIN: Final = "USDT"
WINDOW_MS: Final = 30_000
_TIMEOUT_MS: Final = 10_000
_SUCCESS: Final = ("200", "0")
# Weight of requests that have more than one.
_WEIGHTS: Final = {
    "userTrades": 5, "allAlgoOrders": 5, "positionRisk": 5, "account": 5, "symbolConfig": 5, "income": 30,
    "commissionRate": 20, "multiAssetsMargin": 30, "positionSide/dual": 30, "feeBurn": 30, "accountConfig": 5,
    "openOrders": 40, "openAlgoOrders": 40,
}  # fmt: skip
_LIGHT_BY_SYMBOL: Final = ("openOrders", "openAlgoOrders")
_WEIGHT_PER_MINUTE: Final = 2_400
PRIVATE: Final = "fapiPrivate"
PRIVATE_V3: Final = "fapiPrivateV3"
PUBLIC: Final = "fapiPublic"
WALLET: Final = "sapi"


class BinanceWire(SignedWire):
    """The line to one account.

    Parameters
    ----------
    url : str or None
        Address of the venue; None is its own.
    demo : bool
        Whether the key is one of demo trading, which has addresses of its own.
    is_paced : bool
        Whether the venue's weight of a minute is kept.
    renamed : mapping of str to str
        By instrument, what the venue calls its contract now, where that is not the usual name.
    """

    title = TITLE

    def __init__(
        self,
        clock: PatientClock,
        *,
        url: str | None,
        key: str,
        secret: str,
        demo: bool,
        is_paced: bool,
        renamed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(clock)
        self.names = ContractNames(TITLE, usual_names(renamed, symbol_of))
        self._budget = WeightBudget(clock, _WEIGHT_PER_MINUTE if is_paced else 0)
        self._client = _client(self.signed_now, url, key, secret, demo=demo)

    @property
    def has_wallet(self) -> bool:
        """Whether what a key may do can be asked for: demo trading of the venue's own has no such address."""
        return WALLET in self._client.urls["api"]

    async def ask(
        self,
        path: str,
        fields: Row | None = None,
        *,
        api: str = PRIVATE,
        rank: Rank = Rank.READ,
    ) -> Any:
        """Return what a question is answered with, once there is room for one of its rank.

        Raises
        ------
        TransientError, AuthError, ConnectorError
            By what happens next; where an answer cannot be understood it is never "nothing".
        """
        if api != PUBLIC:
            await self.know_the_time()
        query = fields or {}
        weight = 1 if "symbol" in query and path in _LIGHT_BY_SYMBOL else _WEIGHTS.get(path, 1)
        await self._budget.spend(weight, rank)
        return await self.asked(lambda: self._send(path, api, "GET", query))

    async def order(
        self,
        path: str,
        fields: Row,
        *,
        method: str = "POST",
        signed_ts: int | None = None,
        rank: Rank = Rank.EXIT,
        withheld: Callable[[], str] = not_withheld,
    ) -> Any:
        """Have something done, once, and return the answer.

        Parameters
        ----------
        withheld : callable
            Asked right before it is sent; `OrderWithheld` is raised with what it says.

        Raises
        ------
        OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
            By what may have happened.
        RefusedAnswer
            Where there is an open one of that id already.
        """
        await self._budget.spend(1, rank)
        return await self.done(lambda: self._send(path, PRIVATE, method, fields), signed_ts, withheld)

    async def listen_key(self, method: str) -> str:
        """Return the key of the user data stream, or keep it for another hour."""
        answer = await self.asked(lambda: self._send("listenKey", PRIVATE, method, {}))
        with understood():
            return str(answer["listenKey"]) if method == "POST" else ""

    def meaning(self, said: Said) -> Meaning:
        """Return what an answer says happened."""
        return meaning_of(said.code, said.words, said.status)

    async def _their_time(self) -> int:
        answer = await self.ask("time", api=PUBLIC, rank=Rank.EXIT)
        with understood():
            return int(answer["serverTime"])

    def _instead(self, said: Said) -> Exception | None:
        if said.code == MULTI_ASSETS:
            return ConnectorError(
                "venue_code", "{title} {code}: {cure}", title=TITLE, code=said.code, cure=MULTI_ASSETS_CURE
            )
        return None

    async def _send(self, path: str, api: str, method: str, fields: Row) -> Any:
        return self.names.from_venue(
            await self._client.request(path, [api], method, self.names.to_venue(fields))
        )


def understood(
    error_class: type[TransientError | OutcomeUnknown] = TransientError,
) -> AbstractContextManager[None]:
    """Read an answer; `error_class` is raised if it is not in the form that is known."""
    return understood_of(TITLE, error_class)


def check_rows(answer: object) -> list[Row]:
    """Return a list of rows.

    Raises
    ------
    TransientError
        If it is none.
    """
    with understood():
        if not isinstance(answer, list) or not all(isinstance(row, dict) for row in answer):
            raise TypeError(
                Refusal(
                    "list_rows_expected",
                    "a list of rows was expected, was {name}",
                    name=type(answer).__name__,
                )
            )
        return answer


def symbol_of(instrument: str) -> str:
    """Return ``BTCUSDT``."""
    return SPEECH.symbol(parse_instrument(instrument))


def _client(now: Callable[[], int], url: str | None, key: str, secret: str, *, demo: bool) -> Any:
    ccxt_class = exchange_class("binanceusdm", "async_support")
    guarded_class = guarded(ccxt_class, _find_refusal)
    guarded_class.nonce = lambda _self: now()  # type: ignore[attr-defined]  # ccxt calls it for the time of a signature
    client = guarded_class(
        {
            "apiKey": key,
            "secret": secret,
            "timeout": _TIMEOUT_MS,
            "enableRateLimit": False,
            "has": {"fetchCurrencies": False},
            "options": {"recvWindow": WINDOW_MS, "maxRetriesOnFailure": 0},
        }
    )
    # Set, not merged: an address of real money must not be left beside those of a demo.
    if url:
        client.urls["api"] = redirected(client.urls["api"], url)
    elif demo:
        client.urls["api"] = client.urls["demo"]
    return client


def _find_refusal(status: int, headers: Mapping[str, str], body: str, answer: object) -> Said | None:
    """Return what is wrong with an answer, or None."""
    code, message = "", body[:200]
    if isinstance(answer, dict) and "code" in answer:
        code, message = str(answer["code"]), str(answer.get("msg") or "")
    if 200 <= status < 300:
        if isinstance(answer, list) or (isinstance(answer, dict) and (not code or code in _SUCCESS)):
            return None
        return Said(
            status, code, message if code else f"the answer is neither a list nor an object: {message}"
        )
    return Said(status, code, message, pause_of(headers))
