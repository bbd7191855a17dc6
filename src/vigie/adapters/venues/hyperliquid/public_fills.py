"""The fills of any address, as Hyperliquid tells them to everybody: read only, page by page, without a key.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint#retrieve-a-users-fills-by-time, read in
a copy of late 2025: at most 2,000 fills an answer, oldest first, of the latest 10,000. The address stands in the body
of the question only; no error of this module repeats it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from vigie.adapters.net.fetch import Fetcher
from vigie.adapters.venues.hyperliquid import rows
from vigie.adapters.venues.hyperliquid.live import SPEECH
from vigie.adapters.venues.signed import Row
from vigie.domain.errors import ConnectorError, DataError, TransientError, UsageError, VigieError
from vigie.domain.ids import parse_instrument
from vigie.domain.outside import FillSide, OutsideFill
from vigie.domain.refusal import Refusal
from vigie.ports.clock import PatientClock
from vigie.ports.outside_addresses import OutsideFillPage

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport


TITLE: Final = "Hyperliquid"
PAGE_FILLS: Final = 2_000
_ADDRESS: Final = re.compile(r"0x[0-9a-f]{40}", re.ASCII)
_PAIR: Final = re.compile(r"[A-Za-z0-9]{1,20}/[A-Za-z0-9]{1,20}", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Za-z0-9]{1,15}", re.ASCII)
# A full answer weighs 120 of the 1,200 that an address of ours may ask in a minute.
_PER_MINUTE: Final = 10.0
_BURST: Final = 7.0
# Somebody waits for it before a form.
_TIMEOUT_S: Final = 45.0
_MAX_BYTES: Final = 4 * 1024 * 1024
_SIDES: Final[dict[str, FillSide]] = {"B": "buy", "A": "sell"}
# Before the first coin, and beyond what any clock says.
_FIRST_MS, _LAST_MS = 1_230_768_000_000, 4_102_444_800_000
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class HyperliquidFillReader:
    """Asks for fills.

    Attributes
    ----------
    clock : PatientClock
        Waits between tries.
    url : callable
        Gives the address of the venue.
    contact : str
        How the operator of the venue reaches whoever runs this program.
    transport : object, optional
        An httpx transport in place of the network.
    """

    clock: PatientClock
    url: Callable[[], str]
    contact: str = ""
    transport: AsyncBaseTransport | None = None

    def check(self, address: str) -> str:
        """Return an address as it is kept; the message of a refusal does not repeat it."""
        written = address.strip().lower()
        if not _ADDRESS.fullmatch(written):
            raise UsageError(
                "outside_address_malformed",
                "an address must be 0x and 40 hexadecimal digits, 42 characters in all; yours has {count} characters"
                "{hint}",
                count=len(written),
                hint=""
                if len(written) != 42
                else Refusal("outside_address_other_letters", ", of which some are none of these"),
            )
        return written

    def is_known(self, address: str) -> bool:
        """Tell whether the venue knows an address."""
        answer = self._ask({"type": "userRole", "user": address}, dict)
        role = answer.get("role")
        if not isinstance(role, str):
            raise _not_understood()
        return role != "missing"

    def pages(self, address: str, since_ms: int) -> Iterator[OutsideFillPage]:
        """Yield the fills of an address from a time on, page by page, as they are read."""
        start = since_ms
        seen: set[str] = set()
        while True:
            answer = self._ask({"type": "userFillsByTime", "user": address, "startTime": start}, list)
            new_rows = [row for row in answer if repr(row) not in seen]
            if not new_rows and len(answer) >= PAGE_FILLS:
                raise TransientError(
                    "gave_same_page_twice", "{title} gave the same page of {path} twice", title=TITLE,
                    path="userFillsByTime",
                )  # fmt: skip
            if not new_rows:
                return
            page = read_page(new_rows)
            if page.reached < start:
                # Not what was asked for: pages in turns would be read for ever.
                raise _not_understood()
            yield page
            # The next page begins with the last time of this one, which may have gone on; how many fills a page may
            # have has changed before, so only one without new ones is the last.
            start, seen = max(start, page.reached), {repr(row) for row in answer}

    def _ask(self, question: dict[str, object], kind: type[Result]) -> Result:
        """Return the answer to a question, of a kind; every failure is told without the question."""
        try:
            answer: Result = _run(self._fetch(question, kind))
        except TransientError as fault:
            raise _silence(fault) from None
        except VigieError:
            raise ConnectorError(
                "outside_venue_refused",
                "{title} does not answer such questions now; nothing was lost, read it again later",
                title=TITLE,
            ) from None
        except TimeoutError:
            raise _silence(TransientError()) from None
        return answer

    async def _fetch(self, question: dict[str, object], kind: type[Result]) -> Result:
        url = f"{self.url().rstrip('/')}/info"
        fetcher = Fetcher(self.clock, self.contact, transport=self.transport)
        fetcher.set_budget(url, per_minute=_PER_MINUTE, burst=_BURST)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                response = await fetcher.post_json(url, question, max_bytes=_MAX_BYTES)
                answer: Result = response.json(kind)
                return answer
        finally:
            await fetcher.close()


def _run(work: Coroutine[object, None, Result]) -> Result:
    # `asyncio.run` would wait for threads, also for one that looks up a name, which nobody can end.
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def read_page(answer: Sequence[Row]) -> OutsideFillPage:
    """Read a page of fills.

    Raises
    ------
    DataError
        If a row is not in the form that is known: none of the page is kept.
    """
    try:
        times = [int(row["time"]) for row in answer]
        if not all(_FIRST_MS <= time <= _LAST_MS for time in times):
            raise ValueError
        fills = [fill for row in answer if (fill := _read_fill(row)) is not None]
    except (ValueError, KeyError, TypeError, ArithmeticError, UsageError):
        # What was wrong stays here: a row may tell whose it is.
        raise _not_understood() from None
    fills.sort(key=lambda fill: fill.ts)
    return OutsideFillPage(fills, len(answer) - len(fills), max(times))


def _read_fill(row: Row) -> OutsideFill | None:
    """Read a fill; None of a market that has no name here."""
    coin = str(row["coin"])
    if _PAIR.fullmatch(coin):
        venue, name = "hyperliquid-spot", str(parse_instrument(coin, market="spot"))
    elif (perpetual := SPEECH.instrument(coin)) is not None:
        venue, name = "hyperliquid-perp", perpetual
    else:
        return None
    price, qty = rows.parse_number(row["px"]), rows.parse_number(row["sz"])
    currency = str(row.get("feeToken") or "USDC").upper()
    if price <= 0 or qty <= 0 or not _CURRENCY.fullmatch(currency):
        raise ValueError
    return OutsideFill(
        venue=venue,
        instrument=name,
        side=_SIDES[row["side"]],
        price=price,
        qty=qty,
        fee=rows.parse_number(row.get("fee") or "0"),
        fee_currency=currency,
        ts=int(row["time"]),
        origin="address",
        outside_id=str(int(row["tid"])),
        position_before=rows.parse_number(row["startPosition"]) if row.get("startPosition") else None,
    )


def _not_understood() -> DataError:
    return DataError(
        "outside_answer_not_understood",
        "the answer of {title} is not in the form that is known; nothing of it was kept",
        title=TITLE,
    )


def _silence(fault: TransientError) -> TransientError:
    """Return what is told of a venue that did not answer, or asked to wait."""
    asked = fault.after_s
    # What tried it several times holds the last answer.
    if asked is None and isinstance(fault.__cause__, TransientError):
        asked = fault.__cause__.after_s
    if asked:
        return TransientError(
            "outside_venue_asks_to_wait",
            "{title} asks to wait {seconds} s; nothing was lost, read it again then",
            after_s=asked,
            title=TITLE,
            seconds=round(asked),
        )
    return TransientError(
        "outside_venue_silent",
        "{title} did not answer; nothing was lost, read it again in a minute",
        title=TITLE,
    )
