"""Bitget's signed questions and orders over ccxt: sent once, timed by the venue's clock, answers read strictly."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.bitget.codes import UNIFIED, UNIFIED_CURE, meaning_of
from vigie.adapters.venues.bitget.history import fault
from vigie.adapters.venues.bitget.live import SPEECH
from vigie.adapters.venues.bitget.pacing import EndpointPace
from vigie.adapters.venues.ccxt_loader import exchange_class
from vigie.adapters.venues.contract_names import ContractNames, usual_names
from vigie.adapters.venues.envelope import Meaning, Said, failed_order, guarded
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, SignedWire, pause_of, understood_of
from vigie.domain.errors import ConnectorError, OutcomeUnknown, TransientError
from vigie.domain.ids import parse_instrument
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.trading import not_withheld

TITLE: Final = "Bitget"
PRODUCT: Final = "USDT-FUTURES"
COIN: Final = "USDT"
_TIMEOUT_MS: Final = 10_000
_SUCCESS: Final = "00000"
_PAGE_SIZE: Final = 100
_ENDPOINTS: Final = ("common", "mix", "spot")
# A tag of intermediaries; ccxt would send its own, and fails where there is none.
_BROKER_TAG: Final = "vigie"
_USUAL_WEIGHT: Final = 2
_WEIGHT_BY_PATH: Final = {
    "v2/mix/order/close-positions": 20, "v2/spot/account/info": 20, "v2/mix/position/all-position": 4,
    "v2/mix/account/set-leverage": 4, "v2/mix/account/set-margin-mode": 4, "v2/mix/account/set-position-mode": 4,
}  # fmt: skip


class BitgetWire(SignedWire):
    """The line to one account.

    Parameters
    ----------
    url : str or None
        Address of the venue; None is its own.
    demo : bool
        Whether the key is one of demo trading.
    interval_ms : float
        An endpoint takes a request of weight one so often; 0 lets them go as they come.
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
        passphrase: str,
        demo: bool,
        interval_ms: float,
        renamed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(clock)
        self.names = ContractNames(TITLE, usual_names(renamed, symbol_of))
        self._pace = EndpointPace(clock, interval_ms)
        self._client = _client(self.signed_now, url, key, secret, passphrase, demo)

    def meaning(self, said: Said) -> Meaning:
        """Return what an answer says happened."""
        return meaning_of(said.code, said.words, said.status)

    async def _their_time(self) -> int:
        data = await self.ask("v2/public/time", {}, api=("public", "common"), rank=Rank.EXIT)
        with understood():
            return int(data["serverTime"])

    async def ask(
        self, path: str, fields: Row, *, api: Sequence[str] = ("private", "mix"), rank: Rank = Rank.READ
    ) -> Any:
        """Return what a question is answered with, once its endpoint takes one of its rank.

        Raises
        ------
        TransientError, AuthError, ConnectorError
            By what happens next; where an answer cannot be understood it is never "nothing".
        """
        if api[0] == "private":
            await self.know_the_time()
        await self._pace.wait_turn(path, _WEIGHT_BY_PATH.get(path, _USUAL_WEIGHT), rank)
        return await self.asked(lambda: self._send(path, api, "GET", fields))

    async def order(
        self,
        path: str,
        fields: Row,
        *,
        signed_ts: int | None = None,
        rank: Rank = Rank.EXIT,
        withheld: Callable[[], str] = not_withheld,
    ) -> Any:
        """Have something done, once, and return the answer.

        Parameters
        ----------
        signed_ts : int, optional
            Time on our wall that the signature tells, so that a request that comes late is refused; None is now.
        withheld : callable
            Asked right before it is sent; `OrderWithheld` is raised with what it says.

        Raises
        ------
        OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
            By what may have happened.
        RefusedAnswer
            Where there is one of that id already.
        """
        await self._pace.wait_turn(path, _WEIGHT_BY_PATH.get(path, _USUAL_WEIGHT), rank)
        return await self.done(
            lambda: self._send(path, ("private", "mix"), "POST", fields), signed_ts, withheld
        )

    async def rows(
        self,
        path: str,
        field: str,
        id_field: str,
        fields: Row,
        is_enough: Callable[[Row], bool] | None = None,
        *,
        rank: Rank = Rank.READ,
    ) -> list[Row]:
        """Return a list of which the newest page comes first, page by page.

        Parameters
        ----------
        field, id_field : str
            Where the rows are, and the id of each by which the next page is asked for.
        is_enough : callable, optional
            Told the last row of a page: whether what comes after it is not wanted.
        """
        collected: list[Row] = []
        last_id = ""
        while True:
            query = {"productType": PRODUCT, "limit": str(_PAGE_SIZE), **fields}
            data = await self.ask(path, {**query, "idLessThan": last_id} if last_id else query, rank=rank)
            with understood():
                page = _page_rows(data, field)
                collected += page
                if len(page) < _PAGE_SIZE or (is_enough is not None and is_enough(page[-1])):
                    return collected
                former_id, last_id = last_id, str(page[-1][id_field])
            if last_id == former_id:
                raise TransientError(
                    "gave_same_page_twice",
                    "{title} gave the same page of {path} twice",
                    title=TITLE,
                    path=path,
                )

    async def _send(self, path: str, api: Sequence[str], method: str, fields: Row) -> Any:
        answer = await self._client.request(path, list(api), method, self.names.to_venue(fields))
        return self.names.from_venue(answer["data"])

    def _instead(self, said: Said) -> Exception | None:
        if said.code != UNIFIED:
            return None
        return ConnectorError(
            "venue_code", "{title} {code}: {cure}", title=TITLE, code=said.code, cure=UNIFIED_CURE
        )


def understood(
    error_class: type[TransientError | OutcomeUnknown] = TransientError,
) -> AbstractContextManager[None]:
    """Read an answer; `error_class` is raised if it is not in the form that is known."""
    return understood_of(TITLE, error_class)


def _page_rows(data: Any, field: str) -> list[Row]:
    page = data[field] or []
    if not isinstance(page, list):
        raise TypeError(
            Refusal("must_list", "{field} must be a list, was {name}", field=field, name=type(page).__name__)
        )
    return page


def contract_fields(instrument: str) -> dict[str, Any]:
    """Return what names a contract in a question."""
    return {"symbol": symbol_of(instrument), "productType": PRODUCT, "marginCoin": COIN}


def symbol_of(instrument: str) -> str:
    """Return ``BTCUSDT``."""
    return SPEECH.symbol(parse_instrument(instrument))


def check_parts(data: Row, is_well: frozenset[str] = frozenset()) -> None:
    """Look through the parts of a list that failed.

    Raises
    ------
    OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
        For one that is not as wanted already; `is_well` are the codes that say it is.
    """
    with understood(OutcomeUnknown):
        failed = [
            Said(400, str(failure["errorCode"]), str(failure.get("errorMsg") or ""))
            for failure in data.get("failureList") or []
        ]
    for said in failed:
        meaning = meaning_of(said.code, said.words, said.status)
        if said.code not in is_well and meaning != "absent":
            raise failed_order(said, meaning, TITLE)


def _client(
    now: Callable[[], int], url: str | None, key: str, secret: str, passphrase: str, demo: bool
) -> Any:  # fmt: skip
    guarded_class = guarded(exchange_class("bitget", "async_support"), _find_refusal)
    guarded_class.nonce = lambda _self: now()  # type: ignore[attr-defined]  # ccxt calls it for the time of a signature
    return guarded_class(
        {
            "apiKey": key,
            "secret": secret,
            "password": passphrase,
            "timeout": _TIMEOUT_MS,
            "enableRateLimit": False,
            "has": {"fetchCurrencies": False},
            "urls": {"api": dict.fromkeys(_ENDPOINTS, url.rstrip("/"))} if url else {},
            "options": {
                "defaultType": "swap",
                "uta": False,
                "fetchMarkets": {"types": ["swap"]},
                "sandboxMode": demo,
                "broker": _BROKER_TAG,
                "maxRetriesOnFailure": 0,
            },
        }
    )


def _find_refusal(status: int, headers: Mapping[str, str], body: str, answer: object) -> Said | None:
    """Return what is wrong with an answer, or None."""
    code, message = "", body[:200]
    if isinstance(answer, dict) and isinstance(answer.get("code"), str | int):
        code, message = str(answer["code"]), str(answer.get("msg") or "")
    if 200 <= status < 300 and code == _SUCCESS:
        problem = fault(answer)
        return None if problem is None else Said(status, "", problem)
    if 200 <= status < 300 and not code:
        return Said(status, "", f"{fault(answer)}: {message}")
    return Said(status, "" if code == _SUCCESS else code, message, pause_of(headers))
