"""The mailbox of the demonstration: what its mail server took, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """One message that was taken; headers and texts are whatever a sender wrote, and not to be trusted.

    Attributes
    ----------
    number : int
        From 1, in the order they came.
    ts : int
        The market's time at which it was taken, epoch milliseconds.
    sender, recipients : str, tuple of str
        Of the envelope.
    size : int
        Bytes.
    headers, text, html : tuple of (str, str), str, str
        Empty in a list.
    pictures : tuple of (str, str)
        Name and base64 of each attached PNG; empty in a list.
    attachments : tuple of (str, str, str)
        Name, media type and base64 of each attached file, pictures too; empty in a list.
    """

    number: int
    ts: int
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int
    headers: tuple[tuple[str, str], ...] = ()
    text: str = ""
    html: str = ""
    pictures: tuple[tuple[str, str], ...] = ()
    attachments: tuple[tuple[str, str, str], ...] = ()


class DemoMailbox(Protocol):
    """What was taken; both raise `TransientError` while nobody answers."""

    def newest(self) -> Sequence[ReceivedMail]:
        """Return what is kept, newest first.

        Returns
        -------
        sequence of ReceivedMail
            Without headers and texts; empty where no mail was taken.
        """
        ...

    def find(self, number: int) -> ReceivedMail | None:
        """Return one message whole, or None.

        Parameters
        ----------
        number : int
            `ReceivedMail.number`.

        Returns
        -------
        ReceivedMail or None
            With headers and texts; None where it was never taken, or dropped since.
        """
        ...
