"""What a person writes beside a trade, kept with their other things; and where its idea came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vigie.data.feature_names import find_feature_names
from vigie.data.features import feature_series
from vigie.domain.errors import VigieError
from vigie.ports.accounts import UserStore
from vigie.ports.home import ResultsHome
from vigie.trading import catalogue

_PLACE = "journal"


@dataclass(frozen=True, slots=True)
class JournalNote:
    """A note, tags, and where the idea came from; each may be empty."""

    text: str = ""
    tags: tuple[str, ...] = ()
    source: str = ""


def notes_of(accounts: UserStore, owner: str) -> Mapping[str, JournalNote]:
    """Return a person's notes by the id of the trade."""
    start = f"{_PLACE}/"
    return {
        name.removeprefix(start): JournalNote(
            body.get("text", ""), tuple(body.get("tags", ())), body.get("source", "")
        )
        for name, body in accounts.extra_settings(owner).items()
        if name.startswith(start)
    }


def revision_of(accounts: UserStore, owner: str, trade: str) -> int:
    """Return which state of a trade's note is the current one."""
    return accounts.settings(f"{owner}/{_PLACE}/{trade}")[0]


def write_note(
    accounts: UserStore,
    owner: str,
    trade: str,
    text: str,
    tags: Sequence[str],
    *,
    source: str = "",
    revision: int | None = None,
) -> JournalNote:
    """Keep a note in place of the one before; empty ones are gone.

    Raises
    ------
    Conflict
        Where `revision` is not the current one.
    """
    note = JournalNote(
        text.strip(), tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip())), source.strip()
    )
    values = {"text": note.text or None, "tags": list(note.tags) or None, "source": note.source or None}
    accounts.put_settings(f"{owner}/{_PLACE}/{trade}", values, revision=revision)
    return note


def idea_of(results: ResultsHome, strategy: str) -> str:
    """Return the kinds of facts that a strategy reads, as ``news`` or ``macro, news``; empty where prices are all."""
    # Its file is read, not run: a list of trades waits for nobody's program.
    path = catalogue.available(results.strategies).get(strategy)
    try:
        names = find_feature_names(path) if path else ()
    except VigieError:  # its file was changed: what it read is not known any more
        return ""
    return ", ".join(sorted({feature_series(name).partition("/")[0] for name in names} - {""}))
