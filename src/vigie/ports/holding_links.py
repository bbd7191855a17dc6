"""Links by which a person shares the shares of what they own: only the digest of a link's word is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class HoldingLink:
    """A link that somebody shared.

    Attributes
    ----------
    id : str
        ``k`` and hexadecimal digits; says nothing of the word.
    owner : str
        Whose shares it shows.
    digest : str
        SHA-256 of the word in its address, hexadecimal.
    ts_created, ts_expires : int
        Epoch milliseconds on the wall; from the second on it shows nothing.
    """

    id: str
    owner: str
    digest: str
    ts_created: int
    ts_expires: int


class HoldingLinkStore(Protocol):
    """Keeps links; each person sees their own."""

    def links(self, owner: str) -> Sequence[HoldingLink]:
        """Return the links of a person that have not expired, the oldest first.

        Parameters
        ----------
        owner : str
            Whose.

        Returns
        -------
        sequence of HoldingLink
        """
        ...

    def add(self, owner: str, digest: str, *, days: int, most: int) -> HoldingLink:
        """Keep a link; expired ones of the person go.

        Parameters
        ----------
        owner : str
            Whose.
        digest : str
            Of its word.
        days : int
            How long it holds.
        most : int
            How many a person may have.

        Returns
        -------
        HoldingLink
            As it is kept.

        Raises
        ------
        UsageError
            If the person has `most` already.
        """
        ...

    def find(self, digest: str) -> HoldingLink | None:
        """Return the link of a word, whoever made it.

        Parameters
        ----------
        digest : str
            Of the word.

        Returns
        -------
        HoldingLink or None
            None where there is none, where it was revoked, and where it has expired.
        """
        ...

    def remove(self, owner: str, link: str) -> None:
        """Remove a link; nothing of it is kept.

        Parameters
        ----------
        owner, link : str
            Whose, and its id.

        Raises
        ------
        NotFound
            If the person has no such link.
        """
        ...

    def hand_over(self, before: str, after: str) -> None:
        """Give all that is kept of a person to another.

        Parameters
        ----------
        before, after : str
            Ids of both.
        """
        ...

    def forget(self, owner: str) -> None:
        """Remove all that is kept of a person.

        Parameters
        ----------
        owner : str
            Id of the person.
        """
        ...
