"""A house with one event told by four publishers, one denial among them, and a public register that changed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.databases import HandClock
from tests.houses import START, house
from vigie.domain.item import Sighting
from vigie.domain.register import RegisterEntry
from vigie.domain.time import HOUR_MS, parse_time
from vigie.ports.registers import RegisterSnapshot
from vigie.ports.source_fetches import SourceFetch
from vigie.services.alerting.item_events import dispatch_read_items
from vigie.services.app_context import AppContext
from vigie.services.news.analysis.item_reader import ItemReader

# Inside the bars of the house, so that there are prices on both sides.
EVENT: Final = parse_time(START) + 200 * 24 * HOUR_MS
TELLERS: Final = (
    ("sec_press", "www.sec.gov", 0, "SEC approves spot Ether ETF of Grayscale for 2.1 billion dollars",
     "The Securities and Exchange Commission approved the fund today. Trading begins on Tuesday. Fees are low."),
    ("decrypt", "decrypt.co", 4, "SEC approves Grayscale spot Ether ETF worth 2.1 billion dollars",
     "The regulator said yes to the Ether fund. Shares begin to trade next week."),
    ("journalducoin", "journalducoin.com", 9,
     "La SEC approuve l’ETF Ether au comptant de Grayscale, 1,4 milliard de dollars",
     "Le régulateur américain a dit oui. La cotation commence mardi."),
    ("coindesk", "www.coindesk.com", 15,
     "SEC says report it approved Grayscale spot Ether ETF is false, denies approval",
     "A spokesman called the report false."),
)  # fmt: skip


FIRMS: Final = (
    RegisterEntry("esma_casps", "a", "Grayscale Europe SA", "9695000000000000GR11", "FR", "AMF", ("a",), ("DE",), "",
                  EVENT - 900 * HOUR_MS, None, {"ae_lei": "9695000000000000GR11"}),
    RegisterEntry("esma_casps", "b", "Tout Crypto SAS", "9695000000000000TC22", "FR", "AMF", ("e",), (), "",
                  EVENT - 900 * HOUR_MS, None, {"ae_lei": "9695000000000000TC22"}),
)  # fmt: skip


def told_house(folder: Path) -> AppContext:
    """Open a house two days after the event, with everything read."""
    opened = house(folder, clock=HandClock(EVENT + 48 * HOUR_MS))
    for source, host, minutes, title, text in TELLERS:
        seen = EVENT + minutes * 60_000
        said = Sighting(source, "e", f"https://{host}/e", title, text, ts_published=seen, precision="minute")
        opened.items.take(SourceFetch(source, seen, (said,)))
    opened.items.take(SourceFetch("theblock", EVENT + 60_000 * 99, ()))
    opened.registers.take(RegisterSnapshot("esma_casps", EVENT, FIRMS[1:]))
    opened.registers.take(RegisterSnapshot("esma_casps", EVENT + HOUR_MS, FIRMS))
    read_all(opened)
    return opened


def read_all(opened: AppContext) -> None:
    """Read whatever waits."""
    reader = ItemReader(opened, tell=dispatch_read_items)
    while reader.read_some():
        pass
