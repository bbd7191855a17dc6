"""Ids of a file's events: the same row in two files is one event, and two rows that share a venue's id are two."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import Final

from vigie.domain.holding import holding_content
from vigie.services.holdings.file_drafts import ELSEWHERE, FileDraft
from vigie.services.holdings.file_reader import FileReader

# What an event ever said, by its id; nothing for one that is not kept.
Said = Callable[[str], Collection[str]]
_PLACES: Final = ("place", "to_place")


@dataclass(slots=True)
class FileIds:
    """Gives the rows of a file their ids.

    Attributes
    ----------
    reader : FileReader
    said : callable
        What is kept under an id: of two rows with one venue's id, the kept one stays what it is.
    zone : tzinfo or None
        Of times of such a file before its reader knew that they are UTC: what is kept with them is changed, not new.
    """

    reader: FileReader
    said: Said
    zone: tzinfo | None = None
    _first: dict[str, tuple[int, int]] = field(default_factory=dict)
    _taken: dict[str, Mapping[str, object]] = field(default_factory=dict)

    def identity(self, draft: FileDraft, event: Mapping[str, object]) -> tuple[str, int]:
        """Return what makes a row the same one in every file, and the row before that says the same with its id, or 0.

        Parameters
        ----------
        draft : FileDraft
        event : mapping
            Its first event.
        """
        said = self._all_of(draft, draft.ts)
        if not draft.key:
            count, _ = self._count(said, draft.line)
            return self._as_kept(draft, f"{said}\0{count}", count), 0
        identity = f"{self.reader.name}\0{draft.key}"
        if not self.reader.apart:
            return identity, 0
        identity = self._apart(identity, event)
        count, first = self._count(f"{identity}\0{said}", draft.line)
        if count == 1:
            return identity, 0
        # By the contract, the same id with the same content is one event; a transaction's hash is no event's id.
        return (identity if self.reader.apart == "place" else f"{identity}\0{count}"), first

    def _all_of(self, draft: FileDraft, ts: int) -> str:
        return "\0".join((self.reader.name, str(ts), *_amounts(draft), draft.label, draft.place))

    def _as_kept(self, draft: FileDraft, identity: str, count: int) -> str:
        if self.zone is None or self.said(event_id(identity)):
            return identity
        read_as = datetime.fromtimestamp(draft.ts / 1000, UTC).replace(tzinfo=self.zone)
        before = f"{self._all_of(draft, round(read_as.timestamp() * 1000))}\0{count}"
        return before if self.said(event_id(before)) else identity

    def _count(self, said: str, line: int) -> tuple[int, int]:
        count, first = self._first.get(said, (0, line))
        self._first[said] = (count + 1, first)
        return count + 1, first

    def _apart(self, plain: str, event: Mapping[str, object]) -> str:
        """Return an identity with its place or coin where another one has the venue's id already."""
        mark = _mark(self.reader, event)
        own = f"{plain}\0{mark}"
        before = self._taken.get(event_id(plain))
        if event_id(own) in self._taken or self.said(event_id(own)):
            return own
        if before is not None:
            found = plain if _mark(self.reader, before) == mark else own
        else:
            kept = [json.loads(content) for content in self.said(event_id(plain))]
            is_same = not kept or any(
                _mark(self.reader, one) == mark or self._is_renamed(one, event) for one in kept
            )
            found = plain if is_same else own
        self._taken[event_id(found)] = event
        return found

    def _is_renamed(self, kept: Mapping[str, object], event: Mapping[str, object]) -> bool:
        """Tell whether a kept row says the same of another place: it is told as changed, not taken twice."""
        return self.reader.apart == "place" and _without_place(kept) == _without_place(event)


def event_id(identity: str, number: int = 0) -> str:
    """Return the id of an event of a row.

    Parameters
    ----------
    identity : str
        Of the row.
    number : int
        Which of its events.
    """
    digest = hashlib.sha256(f"{identity}\0{number}".encode()).digest()
    return "e" + urlsafe_b64encode(digest[:12]).decode()


def _amounts(draft: FileDraft) -> list[str]:
    return [
        f"{one.quantity} {one.ticker}" if one else ""
        for one in (draft.gave, draft.got, draft.fee, draft.worth)
    ]


def _mark(reader: FileReader, event: Mapping[str, object]) -> str:
    if reader.apart == "coin":
        return str(event.get("asset", ""))
    at = event.get("place", "")
    return str(event.get("to_place", at) if at == ELSEWHERE else at)


def _without_place(event: Mapping[str, object]) -> str:
    return holding_content({name: value for name, value in event.items() if name not in _PLACES})
