"""Words of the holdings contract for its reference: numbers, times, rows that count, prices and rates.

Nothing of the product is imported here. Every number is a `Fraction`; `None` is unknown.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")
COMES_IN = ("buy", "income", "fork")
GOES_OUT = ("sell", "fee", "loss")
KINDS = ("buy", "sell", "swap", "transfer", "income", "fee", "gift", "loss", "fork")


def booked(number: Fraction | None) -> Fraction | None:
    """Rule 4: to 1e-8, half to even."""
    return None if number is None else Fraction(round(number * 10**8), 10**8)


def coins(number: Fraction) -> Fraction:
    """Rule 4: a share of coins, to 1e-18, half to even."""
    return Fraction(round(number * 10**18), 10**18)


def half_away(number: Fraction | None, decimals: int) -> Fraction | None:
    """Rule 4: cents (2) or whole euros (0), half away from zero."""
    if number is None:
        return None
    size = (abs(number) * 10**decimals * 2 + 1) // 2
    return Fraction(size if number >= 0 else -size, 10**decimals)


def total(numbers: list[Fraction | None]) -> Fraction | None:
    """Rule 9: a sum with an unknown part is unknown."""
    if any(number is None for number in numbers):
        return None
    return sum(numbers, Fraction(0))


def text(number: Fraction | None) -> str | None:
    """A decimal string without exponent and without idle zeros."""
    if number is None:
        return None
    scaled = number * 10**18
    if scaled.denominator != 1:
        raise ValueError(f"more than 18 decimals: {number}")
    digits = str(abs(scaled.numerator)).rjust(19, "0")
    shown = (digits[:-18] + "." + digits[-18:]).rstrip("0").rstrip(".")
    return "-" + shown if number < 0 else shown


def instant(written: object) -> datetime | None:
    """A time with a zone, else `None`."""
    if not isinstance(written, str):
        return None
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        return None
    return None if read.tzinfo is None else read


def _quantities_and_amounts(event: dict) -> tuple[list, list]:
    """What has to be above zero, and what may be zero."""
    kind = event["kind"]
    above = [event.get("to_qty")] if kind == "fork" else [event.get("qty")]
    if kind == "swap":
        above.append(event.get("to_qty"))
    above += [named.get("qty") for named in event.get("lots") or []]
    money = [event.get(key) for key in ("cost", "proceeds", "value", "donor_cost")]
    fee = event.get("fee")
    if fee is not None and "asset" in fee:
        above.append(fee.get("qty"))
        money.append(fee.get("value"))
    elif fee is not None:
        money.append({"amount": fee.get("amount")})
    amounts = [one.get("amount") if isinstance(one, dict) else one for one in money if one is not None]
    return above, amounts


def _is_bad(written: object) -> bool:
    if not isinstance(written, str) or not PLAIN.fullmatch(written):
        return True
    decimals = len(written.partition(".")[2])
    return decimals > 18 or Fraction(written) >= 10**18


def refusal(event: dict, now: datetime | None) -> str | None:
    """Rule 2: the first code that holds, but for `duplicate_id`."""
    at = instant(event.get("at"))
    if at is None:
        return "bad_time"
    if now is not None and at > now:
        return "future"
    if event.get("kind") not in KINDS:
        return "unknown_kind"
    above, amounts = _quantities_and_amounts(event)
    if any(_is_bad(one) for one in above + amounts) or any(Fraction(one) == 0 for one in above):
        return "bad_number"
    if event["kind"] == "sell" and event.get("proceeds") is None:
        return "no_proceeds"
    if event["kind"] == "transfer" and event["place"] == event["to_place"]:
        return "same_place"
    return None


def _order(event: dict) -> tuple:
    """Rule 3."""
    kind = event["kind"]
    if kind in COMES_IN or (kind == "gift" and event["way"] == "in"):
        rank = 0
    elif kind == "transfer":
        rank = 1
    elif kind == "swap":
        rank = 2
    else:
        rank = 3
    return instant(event["at"]), event.get("seq", 0), rank, event["id"]


def sort_out(case: dict) -> tuple[list[dict], list[list[str]]]:
    """The events that count, in order, and the refused ones in the order of the file."""
    now = instant(case["settings"].get("now"))
    good: list[dict] = []
    seen: list[dict] = []
    refused: list[list[str]] = []
    for event in case["events"]:
        if event in seen:
            continue
        seen.append(event)
        code = refusal(event, now)
        if code is None and any(event["id"] == other["id"] for other in good):
            code = "duplicate_id"
        if code is None:
            good.append(event)
        else:
            refused.append([event["id"], code])
    return sorted(good, key=_order), refused


class OracleMarket:
    """Days, money, prices and values in one currency and one time zone (rules 4 to 8)."""

    def __init__(self, case: dict, base: str, zone: str) -> None:
        self.base = base
        self.zone = ZoneInfo(zone)
        self.unsaid = case["settings"].get("base", "EUR")
        self.prices = {(one["asset"], one["day"]): one for one in case.get("prices", [])}
        self.rates = {(one["cur"], one["day"]): Fraction(one["rate"]) for one in case.get("rates", [])}

    def day(self, at: datetime) -> str:
        """The calendar day of a time."""
        return at.astimezone(self.zone).date().isoformat()

    def _last(self, table: dict, name: str, day: str):
        for back in range(8):
            found = table.get((name, (date.fromisoformat(day) - timedelta(days=back)).isoformat()))
            if found is not None:
                return found
        return None

    def convert(self, amount: Fraction, cur: str, day: str) -> Fraction | None:
        """Rule 6, not yet booked."""
        if cur == self.base:
            return amount
        old = Fraction(1) if cur == "EUR" else self._last(self.rates, cur, day)
        new = Fraction(1) if self.base == "EUR" else self._last(self.rates, self.base, day)
        return None if old is None or new is None else amount / old * new

    def money(self, given: object, day: str) -> Fraction | None:
        """An amount of an event, booked; `None` where nothing is given or no rate is known."""
        if given is None:
            return None
        if not isinstance(given, dict):
            given = {"amount": given, "cur": self.unsaid}
        return booked(self.convert(Fraction(given["amount"]), given.get("cur", self.unsaid), day))

    def price(self, asset: str, day: str) -> Fraction | None:
        """Rule 7, not rounded."""
        found = self._last(self.prices, asset, day)
        if found is None:
            return None
        return self.convert(Fraction(found["price"]), found.get("cur", "EUR"), day)

    def worth(self, asset: str, quantity: Fraction, day: str) -> Fraction | None:
        """A quantity at the day's price, booked."""
        price = self.price(asset, day)
        return None if price is None else booked(quantity * price)

    def value(self, event: dict, day: str) -> Fraction | None:
        """Rule 8, booked."""
        if event.get("value") is not None:
            return self.money(event["value"], day)
        if event["kind"] == "swap":
            received = self.worth(event["to_asset"], Fraction(event["to_qty"]), day)
            if received is not None:
                return received
        return self.worth(event["asset"], Fraction(event["qty"]), day)

    def money_fee(self, event: dict, day: str) -> Fraction | None:
        """The fee in money; zero where there is none, `None` where no rate is known."""
        fee = event.get("fee")
        if fee is None or "asset" in fee:
            return Fraction(0)
        return self.money({"amount": fee["amount"], "cur": fee.get("cur", self.unsaid)}, day)

    def coin_fee(self, event: dict, own: Fraction | None, day: str) -> Fraction | None:
        """The value of a fee in coins (rule 13), where `own` is the trade's money; zero where there is none."""
        fee = event.get("fee")
        if fee is None or "asset" not in fee:
            return Fraction(0)
        if fee.get("value") is not None:
            return self.money(fee["value"], day)
        if fee["asset"] == event["asset"] and own is not None:
            return booked(Fraction(fee["qty"]) * own / Fraction(event["qty"]))
        return self.worth(fee["asset"], Fraction(fee["qty"]), day)
