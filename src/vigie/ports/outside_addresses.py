"""Addresses whose fills anybody may read at their venue: how they are encrypted, and who reads their fills."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from vigie.domain.errors import ConfigError, UsageError
from vigie.domain.outside import OutsideFill


@dataclass(frozen=True, slots=True)
class OutsideFillPage:
    """One page of fills.

    Attributes
    ----------
    fills : sequence of OutsideFill
        Oldest first.
    skipped : int
        Fills of markets that have no name here: spot pairs by number, markets of other builders.
    reached : int
        Time of the last fill of the page, skipped ones too; epoch milliseconds.
    """

    fills: Sequence[OutsideFill]
    skipped: int
    reached: int


class OutsideFillReader(Protocol):
    """Reads what a venue tells of an address; changes nothing there, and never tells the address in an error."""

    def check(self, address: str) -> str:
        """Return an address as it is kept.

        Parameters
        ----------
        address : str
            As a person wrote it.

        Returns
        -------
        str
            In lower case.

        Raises
        ------
        UsageError
            If it is none; the message does not repeat it.
        """
        ...

    def is_known(self, address: str) -> bool:
        """Tell whether the venue knows an address.

        Parameters
        ----------
        address : str
            As `check` returned it.

        Returns
        -------
        bool
        """
        ...

    def pages(self, address: str, since_ms: int) -> Iterator[OutsideFillPage]:
        """Yield the fills of an address from a time on, page by page, as they are read.

        Parameters
        ----------
        address : str
            As `check` returned it.
        since_ms : int
            Epoch milliseconds, included.

        Returns
        -------
        iterator of OutsideFillPage
            Empty where there are no fills.

        Raises
        ------
        TransientError, ConnectorError, DataError
            If the venue does not answer, or not so that it can be understood; pages before stay good.
        """
        ...


class OutsideAddressSeal(Protocol):
    """Encrypts addresses with a key of the home."""

    def seal(self, address: str) -> str:
        """Return what may be kept of an address.

        Parameters
        ----------
        address : str
            Any text.

        Returns
        -------
        str
            Another one each time.
        """
        ...

    def open(self, sealed: str) -> str:
        """Return an address.

        Parameters
        ----------
        sealed : str
            As `seal` returned it.

        Returns
        -------
        str

        Raises
        ------
        ConnectorError
            If the home has another key now.
        """
        ...

    def fingerprint(self, address: str) -> str:
        """Return what tells one address from another and says nothing without the key.

        Parameters
        ----------
        address : str
            Any text.

        Returns
        -------
        str
            The same each time.
        """
        ...


class NoFillReader:
    """Of a home that is opened without one."""

    def check(self, address: str) -> str:
        """Refuse every address.

        Parameters
        ----------
        address : str
            Not looked at.

        Returns
        -------
        str
            Never.

        Raises
        ------
        UsageError
            Always.
        """
        raise UsageError("outside_no_addresses", "this installation reads no addresses")

    def is_known(self, address: str) -> bool:
        """Tell that it is not.

        Parameters
        ----------
        address : str
            Not looked at.

        Returns
        -------
        bool
            False.
        """
        return False

    def pages(self, address: str, since_ms: int) -> Iterator[OutsideFillPage]:
        """Yield nothing.

        Parameters
        ----------
        address : str
            Not looked at.
        since_ms : int
            Not looked at.

        Returns
        -------
        iterator of OutsideFillPage
            Empty.
        """
        return iter(())


class NoAddressSeal:
    """Of a home that is opened without a key."""

    def seal(self, address: str) -> str:
        """Refuse to keep an address.

        Parameters
        ----------
        address : str
            Not looked at.

        Returns
        -------
        str
            Never.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError("outside_no_key", "this installation has no key to encrypt addresses with")

    def open(self, sealed: str) -> str:
        """Refuse to open one.

        Parameters
        ----------
        sealed : str
            Not looked at.

        Returns
        -------
        str
            Never.

        Raises
        ------
        ConfigError
            Always.
        """
        raise ConfigError("outside_no_key", "this installation has no key to encrypt addresses with")

    def fingerprint(self, address: str) -> str:
        """Return nothing.

        Parameters
        ----------
        address : str
            Not looked at.

        Returns
        -------
        str
            Empty.
        """
        return ""
