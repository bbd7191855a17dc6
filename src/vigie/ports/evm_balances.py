"""What a host of an EVM chain says of one address: its native coin and tokens of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from vigie.domain.errors import ConfigError


class EvmBalanceReader(Protocol):
    """Asks a host about addresses of one chain; no error repeats one."""

    @property
    def host(self) -> str:
        """Name of the host that sees the addresses.

        Returns
        -------
        str
            Without scheme and path: a person is asked before it sees any.
        """
        ...

    def read(self, address: str, tokens: Sequence[str] = ()) -> Sequence[int]:
        """Return what lies at an address now, all or nothing.

        Parameters
        ----------
        address : str
            0x and 40 hexadecimal digits.
        tokens : sequence of str
            Addresses of the contracts of tokens.

        Returns
        -------
        sequence of int
            The native coin first, then each token; each in its smallest unit.

        Raises
        ------
        UsageError
            If a text is no address, or its capitals are not its checksum; nothing is asked then.
        TransientError, ConnectorError, DataError
            If the host does not answer, is of another chain, refuses, or says something else; none repeats the address.
        """
        ...


class NoEvmBalanceReader:
    """Of a home that is opened without one."""

    @property
    def host(self) -> str:
        """Name of no host.

        Returns
        -------
        str
            Empty.
        """
        return ""

    def read(self, address: str, tokens: Sequence[str] = ()) -> Sequence[int]:
        """Refuse to ask.

        Parameters
        ----------
        address : str
            Not looked at.
        tokens : sequence of str
            Not looked at.

        Returns
        -------
        sequence of int
            Never.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError("balances_not_read", "this installation reads no balances of addresses")
