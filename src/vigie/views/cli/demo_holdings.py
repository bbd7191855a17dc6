"""What the demonstration's person owns: four lines bought on past days and one sale, added as a person adds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from threading import Event
from types import MappingProxyType
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from vigie.domain.errors import VigieError
from vigie.domain.person import OWNER
from vigie.domain.time import MINUTE_MS, zoned
from vigie.services.alerting.dispatch import zone_of
from vigie.services.alerting.letter_schedule import WEEKDAYS
from vigie.services.alerting.mails import language_of
from vigie.services.app_context import AppContext
from vigie.services.demo_world import LOOK_S
from vigie.services.holdings.day_prices import PriceQuestion, read_price_table
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation


class DemoLine(NamedTuple):
    """One line of the demonstration's person.

    Attributes
    ----------
    coin, quantity, place : str
        As they are typed.
    days : int
        How many days ago it was bought.
    product : mapping of str to str
        Of a bank's product: its name, form, fee and spread.
    """

    coin: str
    quantity: str
    place: str
    days: int
    product: Mapping[str, str] = MappingProxyType({})


CERTIFICATE: Final = {
    "product": "Orvane Bitcoin",
    "product_form": "security",
    "yearly_fee": "1.5",
    "spread": "1",
}
LINES: Final = (
    DemoLine("bitcoin", "0.14", "Ledger", 690),
    DemoLine("ethereum", "3", "Kraken", 405),
    DemoLine("bitcoin", "0.034", "Orvane", 260, CERTIFICATE),
)
# Sold in December of the year before, so that the tax file of that year has a sale to follow line by line.
SOLD: Final = DemoLine("ethereum", "0.4", "Kraken", 0)
# Two coins of the simulated market have this ticker: the person chooses.
SHARED_TICKER: Final = "LUMAR"
SHARED: Final = DemoLine(SHARED_TICKER, "40", "Kraken", 95)
SHARED_PAID: Final = Decimal(250)
# Of the market: a quarter of a minute of a demonstration.
_LETTER_IN_MS: Final = 15 * MINUTE_MS


def add_demo_holdings(app_context: AppContext) -> bool:
    """Add the lines where nothing was ever added; return whether nothing is left to do.

    What was paid is the price of the day, so the prices of these days and the list of coins must be there.
    """
    if run_operation(app_context, OWNER, "holdings.batches", {}).rows:
        return True
    sources = provide(app_context, HoldingSources)
    paid = _paid(sources)
    # Before the list of coins is there, the ticker would be one coin's, or none's.
    if None in paid or sum(asset.symbol == SHARED_TICKER for asset in sources.catalog.assets()) < 2:
        return False
    shared_day = sources.today - timedelta(SHARED.days)
    days = [*_days(sources.today), shared_day]
    for line, day, amount in zip((*LINES, SOLD, SHARED), days, (*paid, SHARED_PAID), strict=True):
        values: dict[str, object] = {
            "coin": line.coin, "quantity": line.quantity, "place": line.place, "currency": "EUR",
            "day": day.isoformat(), "may_stay_open": True, **line.product, "amount": f"{amount:.2f}",
            "kind": "sell" if line is SOLD else "buy",
        }  # fmt: skip
        run_operation(app_context, OWNER, "holdings.add", values)
    return True


def _days(today: date) -> list[date]:
    """Return when each line was bought, and when some of it was sold."""
    return [*(today - timedelta(line.days) for line in LINES), date(today.year - 1, 12, 10)]


def _paid(sources: HoldingSources) -> list[Decimal | None]:
    """Return what each line, and the sale, was at the close of its day; None where that is not known yet."""
    coins = tuple(sorted({line.coin for line in LINES}))
    days = _days(sources.today)
    question = PriceQuestion(coins, "EUR", min(days), sources.clock.market_now())
    prices = read_price_table(sources.facts, sources.bar_reader, question)
    return [
        prices.value(line.coin, Decimal(line.quantity), day)
        for line, day in zip((*LINES, SOLD), days, strict=True)
    ]


def schedule_demo_letter(app_context: AppContext) -> bool:
    """Have a letter mailed each week from a moment on that comes soon; return whether nothing is left to do.

    Without a confirmed address there is nowhere to send it yet.
    """
    if run_operation(app_context, OWNER, "holdings.letter_schedule", {}).is_on:
        return True
    channels = app_context.alerts.channels(OWNER.user)
    if not any(channel.kind == "mail" and channel.is_confirmed for channel in channels):
        return False
    zone = ZoneInfo(zone_of(app_context.accounts, OWNER.user))
    due = zoned(app_context.clock.market_now() + _LETTER_IN_MS, zone)
    values = {
        "span": "week", "day": WEEKDAYS[due.weekday()], "at": f"{due:%H:%M}",
        "language": language_of(app_context.accounts, OWNER.user),
    }  # fmt: skip
    run_operation(app_context, OWNER, "holdings.schedule_letter", values)
    return True


def keep_adding(app_context: AppContext, say: Callable[[str], None], stopping: Event) -> None:
    """Add the lines as soon as their prices are known, then the letter; a fault is said once and ends it."""
    try:
        while not stopping.is_set() and not (
            add_demo_holdings(app_context) and schedule_demo_letter(app_context)
        ):
            app_context.clock.sleep(LOOK_S)
    except VigieError as fault:
        say(f"demonstration's holdings: {fault}")
