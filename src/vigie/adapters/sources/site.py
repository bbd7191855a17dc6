"""Reading one source's pages: where they are, within its budget, and never an empty answer for a broken one."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from vigie.adapters.net.fetch import FetchedResponse, Fetcher
from vigie.adapters.sources.manifest import SourceManifest
from vigie.domain.errors import TransientError
from vigie.domain.fact import Measure
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.source import Batch


@dataclass(frozen=True, slots=True)
class Site:
    """Where a source is and how it is read.

    Attributes
    ----------
    url : str
        Address in place of the source's own, or empty.
    symbols : mapping
        Tickers of the watched assets by catalogue id.
    held : callable
        Returns the catalogue ids of what people of this home own, watched or not.
    key : str
        For sources that give more to whoever has one.
    keep_as : str
        Kind of document under which answers are kept raw; the empty one keeps none.
    stated : callable, optional
        Returns the newest reading of the calendar that states when figures come out, as the store of facts has it:
        when it was read and its table, None before; none where no such calendar is read.
    """

    manifest: SourceManifest
    fetcher: Fetcher
    clock: PatientClock
    url: str = ""
    symbols: Mapping[str, str] = field(default_factory=dict)
    held: Callable[[], Sequence[str]] = tuple
    key: str = ""
    keep_as: str = ""
    stated: Callable[[], tuple[int, Mapping[str, Any]] | None] | None = None

    def address(self, path: str, host: str = "") -> str:
        """Return the address of a page; `host` names one of the manifest's further hosts."""
        own = self.manifest.hosts[host] if host else self.manifest.live_url
        if not self.url:
            return own.rstrip("/") + path
        host_path = f"/{host}" if self.manifest.hosts else ""
        return self.url.rstrip("/") + host_path + urlsplit(own).path.rstrip("/") + path

    def set_budget(self, times: float = 1.0) -> None:
        """Give every host of the source its budget, or several times that where nobody minds."""
        for host in self.manifest.hosts or [""]:
            self.fetcher.set_budget(
                self.address("", host),
                per_minute=self.manifest.requests_per_minute * times,
                burst=self.manifest.burst * times,
            )

    def budget_left(self) -> float | None:
        """Return how many requests the source would get now."""
        return self.fetcher.budget_left(self.address("", next(iter(self.manifest.hosts), "")))

    async def fetch(
        self,
        path: str,
        *,
        host: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> FetchedResponse:
        """Read a page as it is."""
        return await self.fetcher.get(
            self.address(path, host),
            params=params,
            headers=headers,
            keep_as=self.keep_as,
            max_bytes=self.manifest.max_bytes,
        )

    async def json(
        self,
        path: str,
        *kinds: type,
        host: str = "",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Read a page as JSON of one of the kinds expected."""
        answer = await self.fetch(path, host=host, params=params, headers=headers)
        return answer.json(*kinds)

    def now(self) -> int:
        """Return the market's time."""
        return self.clock.market_now()


@dataclass(frozen=True, slots=True)
class Feed:
    """One thing that a source is asked for, from a function; fulfils `vigie.ports.source.Source`.

    What the function cannot read is an answer in an unknown form: an error, never an empty batch.
    """

    site: Site
    what: str
    read: Callable[[Site, str], Awaitable[Batch]]
    kinds: tuple[Measure, ...]

    def measures(self) -> Sequence[Measure]:
        """Return the kinds of series it delivers."""
        return self.kinds

    async def pull(self, bookmark: str) -> Batch:
        """Fetch what is new since the bookmark."""
        is_kept_raw = any(feed.keeps_raw for feed in self.site.manifest.feeds if feed.name == self.what)
        kind = f"{self.site.manifest.id}/{self.what}" if is_kept_raw else ""
        try:
            return await self.read(replace(self.site, keep_as=kind), bookmark)
        except (KeyError, ValueError, ArithmeticError, TypeError, IndexError, AttributeError) as error:
            title = self.site.manifest.title
            raise TransientError(
                "unknown_answer_form_of_part",
                "{title} answered in an unknown form ({what}): {error!r}",
                title=title,
                what=self.what,
                error=error,
            ) from error


def number(value: object) -> float:
    """Return a finite number, also from text.

    Raises
    ------
    ValueError
        If it is none.
    """
    if value is None or isinstance(value, bool):
        raise ValueError(Refusal("not_number", "{value!r} is not a number", value=value))
    result = float(value)  # type: ignore[arg-type]  # what is no number raises here
    if not math.isfinite(result):
        raise ValueError(Refusal("not_finite", "{value!r} is not finite", value=value))
    return result


def share(per_cent: object) -> float:
    """Return a figure in per cent as a fraction; `ValueError` as of `number`."""
    return round(number(per_cent) / 100.0, 8)


def maybe(value: object) -> float | None:
    """Return a finite number, or None where there is none."""
    return None if value is None or value == "" else number(value)


def some(rows: Sequence[Any], what: str) -> Sequence[Any]:
    """Return rows, of which there must be at least one.

    Raises
    ------
    ValueError
        If there is none.
    """
    if not isinstance(rows, list | tuple) or not rows:
        raise ValueError(Refusal("nothing_of_kind", "no {what}", what=what))
    return rows


def moment(text: str) -> int:
    """Return epoch milliseconds of an ISO 8601 time; without a zone it is UTC."""
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is None:
        stamp = datetime.fromisoformat(f"{text}+00:00")
    return round(stamp.timestamp() * 1_000)


def word(name: str) -> str:
    """Return a name as part of a series' id, ``op-mainnet``."""
    letters = "".join(
        letter if letter.isascii() and letter.isalnum() else "-" for letter in name.strip().lower()
    )
    return "-".join(part for part in letters.split("-") if part)
