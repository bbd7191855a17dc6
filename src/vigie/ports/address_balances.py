"""What a host of a chain says of one address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from vigie.domain.errors import ConfigError


@dataclass(frozen=True, slots=True)
class AddressState:
    """What lies at one address.

    Attributes
    ----------
    units : int
        In the smallest unit of the coin.
    is_used : bool
        Whether anything ever came there.
    """

    units: int
    is_used: bool


class AddressBalanceReader(Protocol):
    """Asks a host about addresses; no error repeats one."""

    @property
    def host(self) -> str:
        """Name of the host that sees the addresses.

        Returns
        -------
        str
            Without scheme and path: a person is asked before it sees any.
        """
        ...

    def read(self, address: str) -> AddressState:
        """Return what lies at an address now.

        Parameters
        ----------
        address : str
            Checked before.

        Returns
        -------
        AddressState

        Raises
        ------
        TransientError, ConnectorError, DataError
            If the host does not answer, refuses, or says something else; none repeats the address.
        """
        ...


class NoBalanceReader:
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

    def read(self, address: str) -> AddressState:
        """Refuse to ask.

        Parameters
        ----------
        address : str
            Not looked at.

        Returns
        -------
        AddressState
            Never.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError("balances_not_read", "this installation reads no balances of addresses")
