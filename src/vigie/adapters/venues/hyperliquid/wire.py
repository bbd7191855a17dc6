"""Hyperliquid's questions and signed actions over ccxt: sent once, read strictly, signed for one network only."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any, Final

from vigie.adapters.venues.ccxt_loader import exchange_class
from vigie.adapters.venues.contract_names import ContractNames, usual_names
from vigie.adapters.venues.envelope import Meaning, RefusedAnswer, Said, failed_order, guarded
from vigie.adapters.venues.hyperliquid.error_texts import VENUE_REFUSED, meaning_of
from vigie.adapters.venues.hyperliquid.live import SPEECH
from vigie.adapters.venues.rank_queue import Rank
from vigie.adapters.venues.signed import Row, SignedWire, pause_of, understood_of
from vigie.adapters.venues.weight_budget import WeightBudget
from vigie.domain.errors import AuthError, OutcomeUnknown, TransientError
from vigie.domain.ids import parse_instrument
from vigie.domain.time import Elapsed
from vigie.ports.clock import PatientClock
from vigie.ports.trading import not_withheld

TITLE: Final = "Hyperliquid"
COIN: Final = "USDC"
_TIMEOUT_MS: Final = 10_000
# An action that comes later than this after its time dies at the venue.
WINDOW_MS: Final = 30_000
_LIGHT_KINDS: Final = frozenset({"allMids", "clearinghouseState", "orderStatus", "exchangeStatus"})
_USUAL_WEIGHT, _WEIGHT_BY_KIND = 20, {"userRole": 60}
# What hardly ever changes is not asked for again so soon.
_CACHE_MS: Final = 60_000
# The venue's weight of a minute.
_WEIGHT_PER_MINUTE: Final = 1_200
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
# ccxt knows only objects and lists; an answer may be a word too.
_WORD: Final = re.compile(r'"\w+"')
_SECRET: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}")


class HyperliquidWire(SignedWire):
    """The line to one account.

    Parameters
    ----------
    url : str
        Address of the venue.
    account : str
        The account's address, ``0x`` and 40 hexadecimal digits.
    secret : str
        The private key of an agent wallet of that account.
    demo : bool
        Whether the account is one of the test network: it is part of every signature.
    is_paced : bool
        Whether the venue's weight of a minute is kept.
    renamed : mapping of str to str
        By instrument, what the venue calls its coin now, where that is not the usual name.

    Raises
    ------
    AuthError
        If address or key cannot be one.
    """

    title = TITLE

    def __init__(
        self,
        clock: PatientClock,
        *,
        url: str,
        account: str,
        secret: str,
        demo: bool,
        is_paced: bool,
        renamed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(clock)
        self.names = ContractNames(TITLE, usual_names(renamed, coin_of))
        if not _ADDRESS.fullmatch(account):
            raise AuthError(
                "address_account_must_x_hexadecimal",
                "the address of a {title} account must be 0x and 40 hexadecimal digits",
                title=TITLE,
            )
        if not _SECRET.fullmatch(secret):
            raise AuthError(
                "key_agent_wallet_must_hexadecimal",
                "the key of a {title} agent wallet must be 64 hexadecimal digits",
                title=TITLE,
            )
        self.account = account.lower()
        self._budget = WeightBudget(clock, _WEIGHT_PER_MINUTE if is_paced else 0)
        self._client = _client(url, self.account, secret, demo=demo)
        self.signer = str(self._client.eth_get_address_from_private_key(secret)).lower()
        self._nonce = 0
        self._is_signer_known = False
        self._cached_answers: dict[tuple[str, str], tuple[Elapsed, Any]] = {}

    def meaning(self, said: Said) -> Meaning:
        """Return what an answer says happened."""
        return meaning_of(said.code, said.words, said.status)

    async def ask(self, kind: str, *, rank: Rank = Rank.READ, **fields: Any) -> Any:
        """Return what a question is answered with, once there is room for one of its rank.

        Raises
        ------
        TransientError, AuthError, ConnectorError
            By what happens next; where an answer cannot be understood it is never "nothing".
        """
        weight = 2 if kind in _LIGHT_KINDS else _WEIGHT_BY_KIND.get(kind, _USUAL_WEIGHT)
        await self._budget.spend(weight, rank)
        body = {"type": kind, **self.names.to_venue(fields)}
        answer = await self.asked(lambda: self._client.request("info", ["public"], "POST", body))
        return self.names.keys_from_venue(answer) if kind == "allMids" else self.names.from_venue(answer)

    async def ask_account(self, kind: str, *, rank: Rank = Rank.READ, **fields: Any) -> Any:
        """Return what a question about the account is answered with; anybody may ask it, so the key is tried first."""
        await self.know_the_signer(rank)
        return await self.ask(kind, rank=rank, user=self.account, **fields)

    async def ask_cached(self, kind: str, user: str, *, rank: Rank = Rank.READ) -> Any:
        """Return what the same question was answered with within the last minute, else ask it.

        For what belongs to an address and not to a contract: an account that is set up asks it for each of its own.
        """
        now = self._clock.wall_now()
        age, answer = self._cached_answers.get((kind, user), (None, None))
        if age is None or age.passed_ms(now) > _CACHE_MS:
            age, answer = Elapsed(now), await self.ask(kind, rank=rank, user=user)
            self._cached_answers[kind, user] = age, answer
        return answer

    async def act(
        self,
        action: Row,
        *,
        signed_ts: int | None = None,
        rank: Rank = Rank.EXIT,
        withheld: Callable[[], str] = not_withheld,
    ) -> list[Any]:
        """Have something done, once, and return what is told of each part of it.

        Parameters
        ----------
        signed_ts : int, optional
            Time on our wall from which the request is good for `WINDOW_MS`; None is now.
        withheld : callable
            Asked right before it is sent; `OrderWithheld` is raised with what it says.

        Raises
        ------
        OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
            By what may have happened to the first part.
        RefusedAnswer
            Where there is one of that id already.
        """
        await self.know_the_signer(rank)
        await self._budget.spend(1, rank)
        try:
            answer = await self.done(lambda: self._send(action), signed_ts, withheld)
        except AuthError:
            # Reads of a key that no longer signs must say so too.
            self._is_signer_known = False
            self._cached_answers.clear()
            raise
        with understood(OutcomeUnknown):
            result = answer["response"]
            return list(result["data"]["statuses"]) if "data" in result else []

    async def know_the_signer(self, rank: Rank = Rank.READ) -> None:
        """Make sure that the key signs for the account: reads would not tell.

        Parameters
        ----------
        rank : Rank
            Of what waits for it.

        Raises
        ------
        AuthError
            If it does not.
        """
        if self._is_signer_known:
            return
        role = await self.role(rank)
        is_ours = self.signer == self.account or role == ("agent", self.account)
        if not is_ours or role[0] == "missing":
            raise AuthError(
                "wallet_does_not_sign_account",
                "{title}: wallet {signer} does not sign for account {account}; "
                "approve it as an API wallet of that account, on the same network",
                title=TITLE,
                signer=self.signer,
                account=self.account,
            )
        self._is_signer_known = True

    async def role(self, rank: Rank = Rank.READ) -> tuple[str, str]:
        """Return what the signing wallet is to the venue, and whose agent."""
        data = await self.ask_cached("userRole", self.signer, rank=rank)
        with understood():
            return str(data["role"]), str((data.get("data") or {}).get("user", "")).lower()

    async def _their_time(self) -> int:
        data = await self.ask("exchangeStatus", rank=Rank.EXIT)
        with understood():
            return int(data["time"])

    async def _send(self, action: Row) -> Any:
        self._nonce = max(self._nonce + 1, self.venue_now())
        expires = self.signed_now() + WINDOW_MS
        signature = self._client.sign_l1_action(action, self._nonce, None, expires)
        body = {"action": action, "nonce": self._nonce, "signature": signature, "expiresAfter": expires}
        return await self._client.request("exchange", ["private"], "POST", body)


def coin_of(instrument: str) -> str:
    """Return ``BTC``, ``kPEPE``."""
    return SPEECH.symbol(parse_instrument(instrument))


def understood(
    error_class: type[TransientError | OutcomeUnknown] = TransientError,
) -> AbstractContextManager[None]:
    """Read an answer; where it is not in the form that is known, fail as `error_class`."""
    return understood_of(TITLE, error_class)


def error_in(status: Any) -> Said | None:
    """Return the refusal in what is told of a part of an action."""
    if isinstance(status, dict) and isinstance(status.get("error"), str):
        return Said(200, VENUE_REFUSED, status["error"])
    return None


def check_parts(statuses: Sequence[Any]) -> None:
    """Look through the parts of an action that failed.

    Raises
    ------
    OrderRejected, OutcomeUnknown, TransientError, AuthError, ConnectorError
        For one that is not as wanted already.
    """
    for said in filter(None, map(error_in, statuses)):
        meaning = meaning_of(said.code, said.words, said.status)
        if meaning != "absent":
            raise failed_order(said, meaning, TITLE) from RefusedAnswer(said)


def _client(url: str, account: str, secret: str, *, demo: bool) -> Any:
    guarded_class = guarded(exchange_class("hyperliquid", "async_support"), _find_refusal)
    return guarded_class(
        {
            "walletAddress": account,
            "privateKey": secret,
            "timeout": _TIMEOUT_MS,
            "enableRateLimit": False,
            "urls": {"api": dict.fromkeys(("public", "private"), url.rstrip("/"))},
            "options": {
                "defaultType": "swap",
                "sandboxMode": demo,
                # ccxt would sign two actions of its own: a fee for it, and a referrer.
                "approvedBuilderFee": True,
                "builderFee": False,
                "refSet": True,
                "maxRetriesOnFailure": 0,
            },
        }
    )


def _find_refusal(status: int, headers: Mapping[str, str], body: str, answer: object) -> Said | None:
    """Return what is wrong with an answer, or None; of an action with several parts, with the first."""
    if not 200 <= status < 300:
        return Said(status, "", body[:200], pause_of(headers))
    if answer is None and not _WORD.fullmatch(body):
        return Said(status, "", f"the answer says nothing: {body[:200]}")
    if not isinstance(answer, dict):
        return None
    if answer.get("status") == "err":
        return Said(status, VENUE_REFUSED, str(answer.get("response"))[:200])
    result = answer.get("response")
    data = result.get("data") if isinstance(result, dict) else None
    statuses = data.get("statuses") if isinstance(data, dict) else None
    return error_in(statuses[0]) if isinstance(statuses, list) and statuses else None
