"""The regulator's register of providers: firms with a licence, some of them withdrawn, changing with the clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.sandbox.world.grains import key_of, uniform
from vigie.sandbox.world.newsroom.cues import Cue
from vigie.sandbox.world.newsroom.grammar import words

_EVERY_MS: Final = 15 * HOUR_MS
_AT_FIRST: Final = 40
_SERVICES: Final = ("a", "a|b", "b|c|d", "a|b|e", "c|e|g", "h", "a|b|c|d|e|f|g|h|i|j")
COLUMNS: Final = (
    "ae_competentAuthority", "ae_homeMemberState", "ae_lei_name", "ae_lei", "ae_lei_cou_code", "ae_commercial_name",
    "ae_address", "ae_website", "ae_website_platform", "ac_authorisationNotificationDate",
    "ac_authorisationEndDate", "ac_serviceCode", "ac_serviceCode_cou", "ac_comments", "ac_lastupdate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Licence:
    """One row; `ended_ms` where it was withdrawn."""

    firm: str
    lei: str
    city: str
    services: str
    granted_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to the register: a licence was granted or withdrawn."""

    number: int
    ts: int
    firm: str
    is_granted: bool


class Register:
    """The register of a world.

    Parameters
    ----------
    seed : int
        The world's.
    start_ms : int
        When its first change may happen.
    """

    def __init__(self, seed: int, start_ms: int) -> None:
        self._seed = seed
        self._slot = start_ms // _EVERY_MS
        self._waiting = _firms()
        self.rows: list[Licence] = []
        self.changes: list[Change] = []
        self.changed_ms = start_ms - 30 * DAY_MS
        for number in range(_AT_FIRST):
            self._grant(start_ms - (40 + 17 * number) * DAY_MS)

    def until(self, now_ms: int, asked: Sequence[Cue]) -> list[Change]:
        """Let everything happen that is due, and return it.

        Parameters
        ----------
        asked : sequence of Cue
            What was asked for by hand since the last call.
        """
        due = [
            (cue.ts, is_granted) for cue in asked if cue.what == "register" for is_granted in (True, False)
        ]
        while self._moment(self._slot) <= now_ms:
            due.append((self._moment(self._slot), self._slot % 2 == 0))
            self._slot += 1
        before = len(self.changes)
        for ts, is_granted in sorted(due, key=lambda one: one[0]):
            self._change(ts, is_granted)
        return self.changes[before:]

    def as_csv(self) -> str:
        """Return the file."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in self.rows:
            writer.writerow(_written(row))
        return out.getvalue()

    def _moment(self, slot: int) -> int:
        offset = uniform(key_of(self._seed, "news", "register"), slot) * 0.9 * _EVERY_MS
        return (slot * _EVERY_MS + int(offset)) // 1_000 * 1_000

    def _change(self, ts: int, is_granted: bool) -> None:
        number = len(self.changes)
        if is_granted:
            firm = self._grant(ts)
        else:
            held = [place for place, row in enumerate(self.rows) if row.ended_ms is None]
            place = held[int(uniform(key_of(self._seed, "news", "withdrawn"), number) * len(held))]
            self.rows[place] = replace(self.rows[place], ended_ms=ts)
            firm = self.rows[place].firm
        self.changes.append(Change(number, ts, firm, is_granted))
        self.changed_ms = ts

    def _grant(self, ts: int) -> str:
        number = len(self.rows)
        # When every name has been used, firms come back under a number.
        names = self._waiting
        firm = names[number % len(names)] + (f" {number // len(names) + 1}" if number >= len(names) else "")
        u = [uniform(key_of(self._seed, "news", "licence", firm), place) for place in range(2)]
        cities = words()["cities"]
        self.rows.append(
            Licence(
                firm,
                lei_of(firm),
                cities[int(u[0] * len(cities))],
                _SERVICES[int(u[1] * len(_SERVICES))],
                ts,
            )
        )
        return firm


def lei_of(firm: str) -> str:
    """Return a legal entity identifier with good check digits (ISO 17442) that nobody issued."""
    stem = f"SIMU00{key_of(0, 'lei', firm) % 36**12:012d}"[:18].upper()
    digits = "".join(str(int(letter, 36)) for letter in stem + "00")
    return f"{stem}{98 - int(digits) % 97:02d}"


def _firms() -> list[str]:
    names: list[str] = list(words()["firms"])
    return names + [head + tail for tail in words()["tails"] for head in words()["heads"]]


def _written(row: Licence) -> tuple[str, ...]:
    site = "https://" + "".join(
        letter for letter in row.firm.lower() if letter.isascii() and letter.isalnum()
    )
    return (
        "Valmer Markets Authority", "VX", row.firm, row.lei, "VX", row.firm, row.city, f"{site}.example", "",
        _day(row.granted_ms), _day(row.ended_ms) if row.ended_ms else "", row.services, "VX",
        "simulated", _day(row.ended_ms or row.granted_ms),
    )  # fmt: skip


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%d/%m/%Y")
