"""What DNS says of a name, for who checks that mail is signed and allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class DnsResolver(Protocol):
    """Looks names up."""

    def texts(self, name: str) -> Sequence[str]:
        """Return the TXT records of a name, the strings of each joined; none where the name has none.

        `TransientError` where DNS gives no answer: then nothing is known of the name.

        Parameters
        ----------
        name : str
            ASCII, without the final dot.

        Returns
        -------
        sequence of str
            In the order of the answer; empty also for a name that DNS cannot hold.
        """
        ...
