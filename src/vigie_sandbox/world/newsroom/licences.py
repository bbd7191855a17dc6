"""The regulator's register of providers: firms with a licence, some of them withdrawn, changing with the clock."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.newsroom.grammar import load_words
from vigie_sandbox.world.newsroom.news_requests import NewsRequest

_INTERVAL_MS: Final = 15 * HOUR_MS
_N_INITIAL: Final = 40
_SERVICES: Final = ("a", "a|b", "b|c|d", "a|b|e", "c|e|g", "h", "a|b|c|d|e|f|g|h|i|j")
COLUMNS: Final = (
    "ae_competentAuthority", "ae_homeMemberState", "ae_lei_name", "ae_lei", "ae_lei_cou_code", "ae_commercial_name",
    "ae_address", "ae_website", "ae_website_platform", "ac_authorisationNotificationDate",
    "ac_authorisationEndDate", "ac_serviceCode", "ac_serviceCode_cou", "ac_comments", "ac_lastupdate",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ProviderLicence:
    """One row; `ended_ms` where it was withdrawn."""

    firm: str
    lei: str
    city: str
    services: str
    granted_ms: int
    ended_ms: int | None = None


@dataclass(frozen=True, slots=True)
class LicenceChange:
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
        self._slot = start_ms // _INTERVAL_MS
        self._firm_names = _firm_names()
        self.rows: list[ProviderLicence] = []
        self.changes: list[LicenceChange] = []
        self.changed_ms = start_ms - 30 * DAY_MS
        for number in range(_N_INITIAL):
            self._grant(start_ms - (40 + 17 * number) * DAY_MS)

    def until(self, now_ms: int, requests: Sequence[NewsRequest]) -> list[LicenceChange]:
        """Let everything happen that is due, and return it.

        Parameters
        ----------
        requests : sequence of NewsRequest
            What was asked for by hand since the last call.
        """
        due = [
            (news_request.ts, is_granted)
            for news_request in requests
            if news_request.what == "register"
            for is_granted in (True, False)
        ]
        while self._change_ms(self._slot) <= now_ms:
            due.append((self._change_ms(self._slot), self._slot % 2 == 0))
            self._slot += 1
        before = len(self.changes)
        for ts, is_granted in sorted(due, key=lambda entry: entry[0]):
            self._change(ts, is_granted)
        return self.changes[before:]

    def as_csv(self) -> str:
        """Return the file."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for row in self.rows:
            writer.writerow(_format_row(row))
        return out.getvalue()

    def _change_ms(self, slot: int) -> int:
        offset = uniform(derive_key(self._seed, "news", "register"), slot) * 0.9 * _INTERVAL_MS
        return (slot * _INTERVAL_MS + int(offset)) // 1_000 * 1_000

    def _change(self, ts: int, is_granted: bool) -> None:
        number = len(self.changes)
        if is_granted:
            firm = self._grant(ts)
        else:
            active = [index for index, row in enumerate(self.rows) if row.ended_ms is None]
            index = active[int(uniform(derive_key(self._seed, "news", "withdrawn"), number) * len(active))]
            self.rows[index] = replace(self.rows[index], ended_ms=ts)
            firm = self.rows[index].firm
        self.changes.append(LicenceChange(number, ts, firm, is_granted))
        self.changed_ms = ts

    def _grant(self, ts: int) -> str:
        number = len(self.rows)
        # When every name has been used, firms come back under a number.
        names = self._firm_names
        firm = names[number % len(names)] + (f" {number // len(names) + 1}" if number >= len(names) else "")
        u = [uniform(derive_key(self._seed, "news", "licence", firm), draw_index) for draw_index in range(2)]
        cities = load_words()["cities"]
        self.rows.append(
            ProviderLicence(
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
    stem = f"SIMU00{derive_key(0, 'lei', firm) % 36**12:012d}"[:18].upper()
    digits = "".join(str(int(letter, 36)) for letter in stem + "00")
    return f"{stem}{98 - int(digits) % 97:02d}"


def _firm_names() -> list[str]:
    names: list[str] = list(load_words()["firms"])
    return names + [head + tail for tail in load_words()["tails"] for head in load_words()["heads"]]


def _format_row(row: ProviderLicence) -> tuple[str, ...]:
    site = "https://" + "".join(
        letter for letter in row.firm.lower() if letter.isascii() and letter.isalnum()
    )
    return (
        "Valmer Markets Authority", "VX", row.firm, row.lei, "VX", row.firm, row.city, f"{site}.example", "",
        _format_day(row.granted_ms), _format_day(row.ended_ms) if row.ended_ms else "", row.services, "VX",
        "simulated", _format_day(row.ended_ms or row.granted_ms),
    )  # fmt: skip


def _format_day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1_000, UTC).strftime("%d/%m/%Y")
