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


class ContractNames:
    """The names of one account's contracts.

    Parameters
    ----------
    title : str
        The venue's, for what is said.
    new_names : mapping of str to str
        New names by the usual ones: ``MATICUSDT`` to ``POLUSDT``.
    """

    def __init__(self, title: str, new_names: Mapping[str, str]) -> None:
        self._title = title
        self._current = dict(new_names)
        self._usual = {new: usual for usual, new in new_names.items()}
        self._our_names: set[str] = set()
        self._other_names: set[str] = set()

    def current_name(self, usual: str) -> str:
        """Return the name that the venue gives a contract now."""
        return self._current.get(usual, usual)

    def add_ours(self, usual: Iterable[str]) -> None:
        """Take contracts as ours."""
        self._our_names |= set(usual)

    def to_venue(self, fields: Row) -> dict[str, Any]:
        """Return what is asked, in the venue's names."""
        return {
            name: self.current_name(value) if name in _FIELDS else value for name, value in fields.items()
        }

    def from_venue(self, answer: Any) -> Any:
        """Return an answer in the usual names."""
        if not self._usual:
            return answer
        if isinstance(answer, list):
            return [self.from_venue(value) for value in answer]
        if not isinstance(answer, dict):
            return answer
        return {
            name: self._usual.get(value, value)
            if name in _FIELDS and isinstance(value, str)
            else self.from_venue(value)
            for name, value in answer.items()
        }

    def keys_from_venue(self, answer: Any) -> Any:
        """Return an answer whose keys are names of contracts, in the usual ones."""
        if not isinstance(answer, dict):
            return answer
        return {self._usual.get(name, name): value for name, value in answer.items()}

    async def check(
        self, shown_names: Collection[str], list_contracts: Callable[[], Awaitable[Collection[str]]]
    ) -> None:
        """See that nothing that is held or was done under a name that is none of ours may be one of ours all the same.

        Parameters
        ----------
        shown_names : collection of str
            The names of positions, fills or payments.
        list_contracts : callable
            Asks for the contracts that there are; only where there is a name that was not looked at before.

        Raises
        ------
        ConnectorError
            If one of ours is gone meanwhile: with what the venue holds, and the cure.
        """
        unknown = set(shown_names) - self._our_names - self._other_names
        if not unknown or not self._our_names:
            return
        missing = self._our_names - set(await list_contracts())
        if missing:
            raise ConnectorError(
                "no_longer_lists",
                "{title} no longer lists {missing}; what was traded now shows as "
                "{unknown}, perhaps the same under a new name; if it was renamed, add "
                "it to [renamed] in vigie.toml, else remove its slots from the run file",
                title=self._title,
                missing=" ".join(sorted(missing)),
                unknown=" ".join(sorted(unknown)),
            )
        self._other_names |= unknown


def usual_names(new_names: Mapping[str, str], usual: Callable[[str], str]) -> dict[str, str]:
    """Return new names by usual ones, from new names by instrument."""
    return {
        usual(instrument): new_name
        for instrument, new_name in new_names.items()
        if usual(instrument) != new_name
    }
