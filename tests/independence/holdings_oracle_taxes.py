"""The two countries of the holdings contract (sections 6 and 7)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from tests.independence.holdings_oracle_books import OracleBooks, OracleDisposal, shared_out
from tests.independence.holdings_oracle_words import OracleMarket, booked, half_away, instant, text, total

NOTHING = Fraction(0)


def _years(market: OracleMarket, events: list[dict]) -> list[str]:
    found = [int(market.day(instant(event["at"]))[:4]) for event in events]
    return [str(year) for year in range(min(found), max(found) + 1)] if found else []


class OracleFrance:
    """One portfolio over all places, without lots (rules 23 to 30)."""

    def __init__(self, case: dict, events: list[dict]) -> None:
        self.market = OracleMarket(case, "EUR", "Europe/Paris")
        self.switches = case["settings"].get("fr") or {}
        self.paid: Fraction = Fraction(self.switches.get("opening_220", "0"))
        self.used: Fraction | None = Fraction(self.switches.get("opening_221", "0"))
        self.held: dict[str, Fraction] = {}
        self.years: dict[str, dict] = {
            year: {"sales": [], "income": [], "flags": set()} for year in _years(self.market, events)
        }
        for event in events:
            self._book(event)

    def _flag(self, day: str, code: str) -> None:
        self.years[day[:4]]["flags"].add(code)

    def _come(self, asset: str, quantity: Fraction) -> None:
        self.held[asset] = self.held.get(asset, NOTHING) + quantity

    def _leave(self, asset: str, quantity: Fraction) -> None:
        self.held[asset] = max(NOTHING, self.held.get(asset, NOTHING) - quantity)

    def _pay(self, day: str, amount: Fraction | None) -> None:
        """Add to 220; what is missing counts nothing and is said."""
        if amount is None:
            self._flag(day, "missing_cost")
        else:
            self.paid += amount

    def _book(self, event: dict) -> None:
        kind, day = event["kind"], self.market.day(instant(event["at"]))
        quantity = Fraction(event.get("qty", "0"))
        fee = event.get("fee")
        coin_fee = fee if fee is not None and "asset" in fee else None
        if kind == "buy":
            self._buy(event, day)
        elif kind == "income":
            self._income(event, day)
        elif kind == "gift" and event["way"] == "in":
            self._pay(day, self.market.value(event, day))
            self._come(event["asset"], quantity)
        elif kind == "gift":
            self._give(event, day)
        elif kind == "sell":
            self._sell(event, day)
        elif kind == "swap":
            self._leave(event["asset"], quantity)
            self._come(event["to_asset"], Fraction(event["to_qty"]))
        elif kind == "fork":
            self._come(event["to_asset"], Fraction(event["to_qty"]))
        elif kind in ("fee", "loss"):
            self._leave(event["asset"], quantity)
            self._flag(day, kind + "_left")
        if coin_fee is not None:
            self._leave(coin_fee["asset"], Fraction(coin_fee["qty"]))
            if kind in ("swap", "transfer"):
                self._flag(day, "coin_fee_left")

    def _buy(self, event: dict, day: str) -> None:
        money = self.market.money(event.get("cost"), day)
        if self.switches.get("acquisition_fees"):
            fees = total([self.market.money_fee(event, day), self.market.coin_fee(event, money, day)])
            self._pay(day, fees)
        self._pay(day, money)
        self._come(event["asset"], Fraction(event["qty"]))

    def _income(self, event: dict, day: str) -> None:
        value = self.market.value(event, day)
        quantity = text(Fraction(event["qty"]))
        row = [event["id"], event["sort"], event["asset"], quantity, text(value)]
        self.years[day[:4]]["income"].append(row)
        self._flag(day, "income_not_settled")
        if self.switches.get("income_enters_220"):
            self._pay(day, value)
        self._come(event["asset"], Fraction(event["qty"]))

    def _portfolio(self, event: dict, day: str, money: Fraction | None, fee: dict | None, fee_value):
        """212: the coin that goes at its own unit price, a coin fee at its value, the others at the day's price."""
        there = dict(self.held)
        gone = {event["asset"]: Fraction(event["qty"])}
        if fee is not None:
            gone[fee["asset"]] = gone.get(fee["asset"], NOTHING) + Fraction(fee["qty"])
        for asset, quantity in gone.items():
            if quantity > there.get(asset, NOTHING):
                there[asset] = quantity
                self._flag(day, "gap")
        if money is None or fee_value is None:
            return None
        values = []
        for asset, quantity in sorted(there.items()):
            rest = quantity
            if fee is not None and asset == fee["asset"]:
                rest -= Fraction(fee["qty"])
                values.append(fee_value)
            if asset == event["asset"]:
                values.append(booked(rest * money / Fraction(event["qty"])))
            elif rest > 0:
                values.append(self.market.worth(asset, rest, day))
        return total(values)

    def _use(self, price: Fraction, whole: Fraction) -> Fraction:
        """The capital that a disposal uses; it is booked and added to 221."""
        capital = NOTHING if whole == 0 else booked((self.paid - self.used) * price / whole)
        self.used += capital
        return capital

    def _give(self, event: dict, day: str) -> None:
        value = self.market.value(event, day)
        whole = self._portfolio(event, day, value, None, NOTHING)
        if whole is None or self.used is None:
            self.used = None
            self._flag(day, "no_price")
        else:
            self._use(value, whole)
        self._leave(event["asset"], Fraction(event["qty"]))

    def _sell(self, event: dict, day: str) -> None:
        if day < "2019":
            self.years[day[:4]]["sales"].append((event["id"], [None] * 10))
            self._leave(event["asset"], Fraction(event["qty"]))
            return
        money = self.market.money(event["proceeds"], day)
        fee = event.get("fee")
        fee = fee if fee is not None and "asset" in fee else None
        fee_value = self.market.coin_fee(event, money, day)
        fees = total([self.market.money_fee(event, day), fee_value])
        whole = self._portfolio(event, day, money, fee, fee_value)
        if self.used is None or whole is None or fees is None:
            self.used = None
            self._flag(day, "no_price")
            row = [None] * 10
        else:
            price = money + fee_value
            before, paid = self.used, self.paid
            gain = price - fees - self._use(price, whole)
            net = price - fees
            row = [whole, price, fees, net, price, net, paid, before, paid - before, gain]
        self.years[day[:4]]["sales"].append((event["id"], row))
        self._leave(event["asset"], Fraction(event["qty"]))

    def _figures(self, year: str) -> dict:
        """Rule 29."""
        found = self.years[year]
        line_51 = half_away(total([row[5] for _, row in found["sales"]]), 2)
        gains = total([row[9] for _, row in found["sales"]])
        exempt = None if line_51 is None else line_51 <= 305
        if int(year) < 2019:
            return self._without_rules(found)
        won = lost = ir = ps = None
        if gains is not None:
            counted = NOTHING if exempt else gains
            won, lost = half_away(max(counted, NOTHING), 0), half_away(max(-counted, NOTHING), 0)
            base = max(counted, NOTHING)
            ir = half_away(base * Fraction("0.128"), 0)
            ps = half_away(base * Fraction("0.186" if int(year) >= 2025 else "0.172"), 0)
        if self.switches.get("scale") and int(year) >= 2023:
            ir = None
        return {
            "sales": [[name, *[text(one) for one in row]] for name, row in found["sales"]],
            "51": text(line_51),
            "224": text(gains),
            "exempt": exempt,
            "3AN": text(won),
            "3BN": text(lost),
            "ir": text(ir),
            "ps": text(ps),
            "income": found["income"],
            "flags": sorted(found["flags"]),
        }

    def _without_rules(self, found: dict) -> dict:
        """A year before the rules has no figures and says so."""
        empty = dict.fromkeys(("51", "224", "exempt", "3AN", "3BN", "ir", "ps"))
        sales = [[name, *[None] * 10] for name, _ in found["sales"]]
        return empty | {
            "sales": sales,
            "income": found["income"],
            "flags": sorted(found["flags"] | {"no_rules"}),
        }

    def figures(self) -> dict:
        """Every year from the first event to the last."""
        return {year: self._figures(year) for year in self.years}


def france(case: dict, events: list[dict]) -> dict:
    """The years of `fr`."""
    return OracleFrance(case, events).figures()


def last_taxable_day(acquired: str) -> str:
    """Rule 34: the same date one year later."""
    day = date.fromisoformat(acquired)
    if (day.month, day.day) == (2, 29):
        return f"{day.year + 1}-02-28"
    return day.replace(year=day.year + 1).isoformat()


def _german_rows(books: OracleBooks, disposal: OracleDisposal) -> list[tuple]:
    """[asset, quantity, acquired, proceeds, cost, taxable] per lot, by its own day."""
    rows = []
    for part, share in zip(disposal.parts, disposal.shares, strict=True):
        slices = part.slices or [part]
        shares = shared_out(share, [one.quantity for one in slices])
        for one, proceeds in zip(slices, shares, strict=True):
            acquired = books.market.day(one.time)
            taxable = disposal.day <= last_taxable_day(acquired)
            rows.append((one.quantity, acquired, proceeds, one.cost, taxable))
    if disposal.gap > 0:
        rows.append((disposal.gap, None, disposal.gap_share, NOTHING, True))
    return rows


def _german_year(year: str, gains: list, income: list, carried: Fraction | None) -> dict:
    """Rules 35 to 37; `gains` are (gain, taxable)."""
    limit = Fraction(1000 if int(year) >= 2024 else 600)
    whole = half_away(total([gain for gain, is_taxable in gains if is_taxable]), 2)
    free = total([gain for gain, is_taxable in gains if not is_taxable])
    taxed = left = None
    if whole is not None and whole < limit:
        taxed = NOTHING
        left = None if carried is None else carried + max(-whole, NOTHING)
    elif whole is not None and carried is not None:
        taken = min(carried, whole)
        taxed, left = whole - taken, carried - taken
    received = total(income)
    counted = received if received is None or received >= 256 else NOTHING
    return {
        "total": whole,
        "free": free,
        "limit": limit,
        "taxable": taxed,
        "loss_carried": left,
        "income": received,
        "income_taxable": counted,
    }


def germany(case: dict, events: list[dict]) -> dict:
    """The years of `de`."""
    books = OracleBooks(case, events, "EUR", "Europe/Berlin", german=True)
    always = {"not_per_wallet"} if books.one_queue else set()
    if books.method in ("lifo", "hifo"):
        always.add("method_not_in_letter")
    result = {}
    carried: Fraction | None = NOTHING
    for year in _years(books.market, events):
        sales, gains = [], []
        for disposal in books.disposals:
            if disposal.day[:4] != year or not disposal.is_trade:
                continue
            for quantity, acquired, proceeds, cost, taxable in _german_rows(books, disposal):
                gain = None if proceeds is None or cost is None else proceeds - cost
                gains.append((gain, taxable))
                start = [disposal.event["id"], disposal.kind, disposal.asset, text(quantity), acquired]
                sales.append([*start, disposal.day, text(proceeds), text(cost), text(gain), taxable])
        income = [value for event, value in books.incomes if books.day(event)[:4] == year]
        figures = _german_year(year, gains, income, carried)
        carried = figures["loss_carried"]
        flags = always | {code for flagged, code in books.flags if flagged == year}
        shown = {key: text(value) for key, value in figures.items()}
        result[year] = {"sales": sales, **shown, "flags": sorted(flags)}
    return result
