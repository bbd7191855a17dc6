"""The intents of a run: those that matter are read when a process begins, any other when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping

from vigie.domain.order import Intent
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import TradeBook


class IntentCache(MutableMapping[str, Intent]):
    """Intents by id; of those that were not read yet the book is asked, once.

    Whoever holds the right to trade is the only one who writes them: what is not in the book now comes through here.

    Parameters
    ----------
    loaded : iterable of KnownIntent
        Of the run.
    derive : callable
        Gives the intent of an id that is not in the book, where it was sent before it could be written.
    unwritten : dict of str to Intent
        Those that `derive` gave, until they are written.
    """

    def __init__(
        self,
        book: TradeBook,
        run: str,
        loaded: Iterable[KnownIntent] = (),
        derive: Callable[[str], Intent | None] = lambda _: None,
        unwritten: dict[str, Intent] | None = None,
    ) -> None:
        self._book, self._run = book, run
        self._derive = derive
        self._unwritten = {} if unwritten is None else unwritten
        self._known: dict[str, Intent] = {known.intent.id: known.intent for known in loaded}
        self._absent: set[str] = {""}

    def __getitem__(self, id_: str) -> Intent:
        """Return an intent by its id; `KeyError` where the run has none."""
        if id_ not in self._known and id_ not in self._absent:
            stored = self._book.intent(id_)
            if stored is not None and stored.intent.run == self._run:
                self._known[id_] = stored.intent
            elif stored is None and (derived := self._derive(id_)) is not None:
                self._known[id_] = self._unwritten[id_] = derived
            else:
                self._absent.add(id_)
        return self._known[id_]

    def __setitem__(self, id_: str, intent: Intent) -> None:
        """Note what was written just now."""
        self._absent.discard(id_)
        self._unwritten.pop(id_, None)
        self._known[id_] = intent

    def __delitem__(self, id_: str) -> None:
        """Forget what was read of an intent; what is written stays in the book."""
        del self._known[id_]

    def __iter__(self) -> Iterator[str]:
        """Go through those that were read."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many were read."""
        return len(self._known)
