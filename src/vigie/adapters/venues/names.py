"""What a venue calls the contracts of our instruments, where it gave them other names than they had.

A contract that is renamed keeps its orders and positions. Told of it, everything that is asked says the new name and
everything that is answered is read under the old one. Untold, what was traded under a name that is none of ours
while one of ours is not listed any more may be ours: that is said, and never read as "nothing is held".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any, Final

from vigie.adapters.venues.signed import Row
from vigie.domain.errors import ConnectorError

# Where rows of the venues hold the name of a contract.
_FIELDS: Final = frozenset({"symbol", "coin", "name", "pair"})


class Names:
    """The names of one account's contracts.

    Parameters
    ----------
    title : str
        The venue's, for what is said.
    told : mapping of str to str
        New names by the usual ones: ``MATICUSDT`` to ``POLUSDT``.
    """

    def __init__(self, title: str, told: Mapping[str, str]) -> None:
        self._title = title
        self._now = dict(told)
        self._usual = {new: usual for usual, new in told.items()}
        self._ours: set[str] = set()
        self._theirs: set[str] = set()

    def now(self, usual: str) -> str:
        """Return the name that the venue gives a contract now."""
        return self._now.get(usual, usual)

    def touch(self, usual: Iterable[str]) -> None:
        """Take contracts as ours."""
        self._ours |= set(usual)

    def out(self, fields: Row) -> dict[str, Any]:
        """Return what is asked, in the venue's names."""
        return {name: self.now(one) if name in _FIELDS else one for name, one in fields.items()}

    def back(self, answer: Any) -> Any:
        """Return an answer in the usual names."""
        if not self._usual:
            return answer
        if isinstance(answer, list):
            return [self.back(one) for one in answer]
        if not isinstance(answer, dict):
            return answer
        return {
            name: self._usual.get(one, one) if name in _FIELDS and isinstance(one, str) else self.back(one)
            for name, one in answer.items()
        }

    def keyed(self, answer: Any) -> Any:
        """Return an answer whose keys are names of contracts, in the usual ones."""
        if not isinstance(answer, dict):
            return answer
        return {self._usual.get(name, name): one for name, one in answer.items()}

    async def check(self, shown: Collection[str], listed: Callable[[], Awaitable[Collection[str]]]) -> None:
        """See that nothing that is held or was done under a name that is none of ours may be one of ours all the same.

        Parameters
        ----------
        shown : collection of str
            The names of positions, fills or payments.
        listed : callable
            Asks for the contracts that there are; only where there is a name that was not looked at before.

        Raises
        ------
        ConnectorError
            If one of ours is gone meanwhile: with what the venue holds, and the cure.
        """
        strangers = set(shown) - self._ours - self._theirs
        if not strangers or not self._ours:
            return
        gone = self._ours - set(await listed())
        if gone:
            raise ConnectorError(
                f"{self._title} lists no {' '.join(sorted(gone))} any more and shows what was "
                f"traded in {' '.join(sorted(strangers))}, which may be the same under a new name; if it was renamed, "
                "say so in vigie.toml under [renamed], else take its slots out of the run file"
            )
        self._theirs |= strangers


def usual_names(told: Mapping[str, str], usual: Callable[[str], str]) -> dict[str, str]:
    """Return new names by usual ones, from new names by instrument."""
    return {usual(instrument): new for instrument, new in told.items() if usual(instrument) != new}
