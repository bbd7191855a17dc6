"""What lies at a Bitcoin address, as Esplora and mempool.space tell it to everybody.

https://github.com/Blockstream/esplora/blob/master/API.md, `GET /address/:address`: sums of satoshis in blocks
(`chain_stats`) and waiting (`mempool_stats`). The address stands in the path of that request, as the host wants it; no
error of this module repeats it, and the log of a process leaves out what httpx says of it (`vigie.adapters.logs`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vigie.adapters.balances.blocked_host import refuse_blocked
from vigie.adapters.net.fetch import Fetcher, host_name
from vigie.adapters.net.token_bucket import TokenBucket
from vigie.domain.errors import ConnectorError, DataError, TransientError, VigieError
from vigie.ports.address_balances import AddressState
from vigie.ports.clock import PatientClock

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

_PER_MINUTE: Final = 120.0
_BURST: Final = 60.0
_TIMEOUT_S: Final = 30.0
_MAX_BYTES: Final = 65_536
# All there will ever be, in satoshis.
_MOST_UNITS: Final = 21_000_000 * 10**8


@dataclass(frozen=True, slots=True)
class EsploraReader:
    """Asks a host about Bitcoin addresses.

    Attributes
    ----------
    clock : PatientClock
        Waits between tries.
    url : callable
        Gives the address of the API, ``https://mempool.space/api``.
    contact : str
        How the operator of the host reaches whoever runs this program.
    transport : object, optional
        An httpx transport in place of the network.
    """

    clock: PatientClock
    url: Callable[[], str]
    contact: str = ""
    transport: AsyncBaseTransport | None = None
    # Of the host, however many addresses are read one after another.
    _budget: TokenBucket = field(
        default_factory=lambda: TokenBucket(_PER_MINUTE, _BURST), init=False, repr=False, compare=False
    )

    @property
    def host(self) -> str:
        """Name of the host that sees the addresses."""
        return host_name(self.url())

    def read(self, address: str) -> AddressState:
        """Return what lies at an address now, in blocks; what waits for a block only says that it is used."""
        refuse_blocked(self._budget, self.clock, self.host)
        try:
            answer = asyncio.run(self._fetch(address))
        except (TransientError, TimeoutError):
            raise TransientError(
                "balance_host_silent", "{host} does not answer now; read it again later", host=self.host
            ) from None
        except VigieError:
            # Its sentence may have the address in it.
            raise ConnectorError(
                "balance_host_refused", "{host} does not tell this now; read it again later", host=self.host
            ) from None
        try:
            return _read_state(answer, address)
        except (KeyError, TypeError, ValueError):
            raise DataError(
                "balance_not_understood", "{host} gave an answer that is not understood", host=self.host
            ) from None

    async def _fetch(self, address: str) -> Mapping[str, object]:
        url = f"{self.url().rstrip('/')}/address/{address}"
        fetcher = Fetcher(self.clock, self.contact, transport=self.transport, hides_paths=True)
        fetcher.use_budget(url, self._budget)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                response = await fetcher.get(url, max_bytes=_MAX_BYTES)
                answer: Mapping[str, object] = response.json(dict)
                return answer
        finally:
            await fetcher.close()


def _read_state(answer: Mapping[str, object], address: str) -> AddressState:
    if answer.get("address", address) != address:
        raise ValueError
    came, left = (
        _count(answer, "chain_stats", "funded_txo_sum"),
        _count(answer, "chain_stats", "spent_txo_sum"),
    )
    n_rows = _count(answer, "chain_stats", "tx_count") + _count(answer, "mempool_stats", "tx_count")
    if not 0 <= came - left <= _MOST_UNITS:
        raise ValueError
    return AddressState(came - left, is_used=n_rows > 0 or came > 0)


def _count(answer: Mapping[str, object], part: str, name: str) -> int:
    sums = answer[part]
    value = sums[name] if isinstance(sums, dict) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError
    return value
