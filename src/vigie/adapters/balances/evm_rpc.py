"""What lies at an address of an EVM chain, as its nodes tell it to everybody.

https://ethereum.github.io/execution-apis, JSON-RPC by POST: `eth_chainId` first, so that no address goes to a node of
another chain; then `eth_getBalance`, and `eth_call` of `balanceOf(address)` (ERC-20) for each token. The address stands
in the body of the request; no error and no log of this module repeats it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vigie.adapters.balances.blocked_host import refuse_blocked
from vigie.adapters.net.fetch import Fetcher, host_name
from vigie.adapters.net.token_bucket import TokenBucket
from vigie.domain.errors import ConnectorError, DataError, TransientError, UsageError, VigieError
from vigie.ports.clock import PatientClock

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

_PER_MINUTE: Final = 120.0
_BURST: Final = 60.0
_TIMEOUT_S: Final = 30.0
_MAX_BYTES: Final = 65_536
_BALANCE_OF: Final = "0x70a08231"
# A quantity has no leading zeros; what a contract returns is one word of 32 bytes.
_QUANTITY: Final = re.compile(r"0x(0|[1-9a-fA-F][0-9a-fA-F]{0,63})")
_WORD: Final = re.compile(r"0x[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class EvmRpcReader:
    """Asks a node of one chain about addresses.

    Attributes
    ----------
    clock : PatientClock
        Waits between tries.
    url : callable
        Gives the address of the node.
    chain_id : int
        Of the chain that it must be of, 1 for Ethereum (EIP-155).
    is_address : callable
        Tells whether a text is an address, its checksum included (EIP-55).
    contact : str
        How the operator of the host reaches whoever runs this program.
    transport : object, optional
        An httpx transport in place of the network.
    """

    clock: PatientClock
    url: Callable[[], str]
    chain_id: int
    is_address: Callable[[str], bool]
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

    def read(self, address: str, tokens: Sequence[str] = ()) -> Sequence[int]:
        """Return what lies at an address now, the native coin first, then each token; all or nothing."""
        if not all(self.is_address(text) for text in (address, *tokens)):
            raise UsageError(
                "balance_no_evm_address", "this is no address, or its capitals are not its checksum"
            )
        refuse_blocked(self._budget, self.clock, self.host)
        try:
            chain, answers = asyncio.run(self._fetch(address, tokens))
        except (TransientError, TimeoutError):
            raise TransientError(
                "balance_host_silent", "{host} does not answer now; read it again later", host=self.host
            ) from None
        except VigieError:
            # Its sentence may have the address in it.
            raise ConnectorError(
                "balance_host_refused", "{host} does not tell this now; read it again later", host=self.host
            ) from None
        except ValueError:
            raise DataError(
                "balance_not_understood", "{host} gave an answer that is not understood", host=self.host
            ) from None
        if chain != self.chain_id:
            raise ConnectorError(
                "balance_chain_differs",
                "{host} is of chain {chain}, was asked for chain {wanted}; no address was sent",
                host=self.host,
                chain=chain,
                wanted=self.chain_id,
            )
        return answers

    async def _fetch(self, address: str, tokens: Sequence[str]) -> tuple[int, tuple[int, ...]]:
        url = self.url()
        fetcher = Fetcher(self.clock, self.contact, transport=self.transport, hides_paths=True)
        fetcher.use_budget(url, self._budget)
        data = _BALANCE_OF + address[2:].lower().rjust(64, "0")
        calls: list[tuple[str, object, re.Pattern[str]]] = [("eth_getBalance", address, _QUANTITY)]
        calls += [("eth_call", {"to": token, "data": data}, _WORD) for token in tokens]
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                chain = await _ask(fetcher, url, 1, "eth_chainId", [], _QUANTITY)
                if chain != self.chain_id:
                    return chain, ()
                return chain, tuple(
                    [
                        await _ask(fetcher, url, number, method, [asked, "latest"], form)
                        for number, (method, asked, form) in enumerate(calls, 2)
                    ]
                )
        finally:
            await fetcher.close()


async def _ask(
    fetcher: Fetcher, url: str, number: int, method: str, params: list[object], form: re.Pattern[str]
) -> int:
    question = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    response = await fetcher.post_json(url, question, max_bytes=_MAX_BYTES)
    answer: dict[str, object] = response.json(dict)
    result = answer.get("result")
    if answer.get("id") != number or answer.get("error") is not None or not isinstance(result, str):
        raise ValueError
    if not form.fullmatch(result):
        raise ValueError
    return int(result, 16)
