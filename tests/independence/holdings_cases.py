"""Random cases of the holdings contract, one for each seed, that reach into its corners.

A case is small: a few events, prices and rates with holes. `smallest` takes away what a difference does not need.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Context, Decimal
from random import Random

EXACT = Context(prec=60)
THEMES = ("books", "tiny", "huge", "returns", "roots", "france", "germany", "refused")
ASSETS = ("BTC", "ETH", "BNB", "USDC")
PLACES = ("A", "B", "C")
METHODS = ("fifo", "lifo", "hifo", "specific", "average")
ZONES = ("UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata", "Pacific/Auckland")
SORTS = ("staking", "mining", "interest", "service", "airdrop")
CURRENCIES = ("EUR", "USD", "CHF", "JPY")
KINDS = ("buy", "sell", "swap", "transfer", "income", "fee", "gift", "loss", "fork")
WEIGHTS = (28, 26, 10, 9, 7, 4, 6, 4, 3)
# Around midnight in many zones, around leap days.
EDGES = ("12-31T22:59:59", "12-31T23:30:00", "01-01T00:30:00", "12-31T18:00:00", "02-28T12:00:00")
EDGES += ("02-29T12:00:00", "03-01T00:00:00", "01-01T05:30:00", "02-28T23:30:00", "12-31T11:00:00")
BAD_NUMBERS = ("-1", "NaN", "1e5", "0", "0.0000000000000000001", "1000000000000000000", "", "+1", "1,5", ".5")
BAD_NUMBERS += ("Infinity", " 1", "1_0", "5.", "1.0000000000000000000")
BAD_TIMES = ("2024-01-10T12:00:00", "2024-13-01T00:00:00Z", "yesterday", "", "2024-01-10", None)


def plain(number: Decimal) -> str:
    """A decimal string without exponent."""
    shown = format(number, "f")
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


class OracleCases:
    """Makes one case with one source of chance."""

    def __init__(self, seed: int, theme: str | None = None) -> None:
        self.random = Random(seed)
        self.theme = theme or self.random.choice(THEMES)
        self.years = {
            "france": (2018, 2027),
            "germany": (2021, 2026),
            "returns": (2024, 2024),
            "roots": (2020, 2022),
        }.get(self.theme, (2022, 2025))
        self.events: list[dict] = []
        self.assets = ASSETS[: self.random.randint(1, 4)]

    # Small choices.

    def chance(self, share: float) -> bool:
        """Whether something that happens so often happens."""
        return self.random.random() < share

    def quantity(self) -> str:
        """A quantity of coins."""
        if self.theme == "tiny":
            return plain(Decimal(self.random.choice((1, 2, 3, 7, 10**6 + 1))).scaleb(-18))
        if self.theme == "huge":
            units = self.random.randint(1, 10**19) * (10**16 if self.chance(0.5) else 1)
            return plain(Decimal(10**36 - units).scaleb(-18, EXACT))
        if self.chance(0.6):
            return self.random.choice(("1", "2", "3", "0.5", "0.25", "1.5", "7", "10"))
        return plain(Decimal(self.random.randint(1, 10**9)).scaleb(-self.random.choice((8, 9, 18, 6))))

    def amount(self) -> str:
        """An amount of money, near a limit where the theme has one."""
        near = {"france": ("305", "304.99", "305.01", "305.004", "305.005", "152.5", "610")}
        near["germany"] = ("600", "599.99", "599.995", "1000", "999.99", "999.995", "256", "255.99", "128")
        if self.theme in near and self.chance(0.5):
            return self.random.choice(near[self.theme])
        if self.theme == "huge" and self.chance(0.7):
            return plain(Decimal(10**26 - self.random.randint(1, 10**10)).scaleb(-8, EXACT))
        if self.theme == "tiny" and self.chance(0.5):
            return plain(Decimal(self.random.randint(1, 30)).scaleb(-9))
        if self.chance(0.05):
            return "0"
        return (
            plain(Decimal(self.random.randint(1, 400000)).scaleb(-self.random.choice((0, 2, 2, 8, 10))))
            or "0"
        )

    def money(self, foreign: float = 0.25) -> object:
        """An amount, at times in a foreign currency."""
        if not self.chance(foreign):
            return self.amount()
        return {"amount": self.amount(), "cur": self.random.choice(CURRENCIES)}

    def at(self) -> str:
        """A time, at times the very time of another event, at times beside a change of year."""
        if self.events and self.chance(0.25):
            return self.random.choice(self.events)["at"]
        year = self.random.randint(*self.years)
        if self.chance(0.35):
            edge = self.random.choice(EDGES)
            if edge.startswith("02-29") and year % 4:
                edge = "03-01" + edge[5:]
            time = datetime.fromisoformat(f"{year}-{edge}+00:00")
        else:
            time = datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=self.random.randint(0, 364))
            if self.theme == "returns":
                time = datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=self.random.randint(0, 20))
        if self.chance(0.2):
            hours = self.random.choice((-5, 1, 5.5, 13))
            return time.astimezone(timezone(timedelta(hours=hours))).isoformat()
        return time.isoformat().replace("+00:00", "Z")

    # Events.

    def fee(self, event: dict) -> dict:
        """A fee in money or in coins: in the coin traded, in the coin received, or in another."""
        if self.chance(0.4):
            amount = self.random.choice(("1", "0.01", "5", "10", "0.00000001", "250"))
            return {"amount": amount, "cur": self.random.choice(CURRENCIES)}
        coin = self.random.choice(
            (event["asset"], event["asset"], event.get("to_asset") or ASSETS[2], *self.assets)
        )
        quantity = (
            "0.000000000000000001"
            if self.theme == "tiny"
            else self.random.choice(("0.1", "0.01", "0.003", "1"))
        )
        fee = {"asset": coin, "qty": quantity}
        if self.chance(0.25):
            fee["value"] = self.money(0.1)
        return fee

    def named_lots(self, quantity: str) -> list[dict]:
        """Lots that the event names: once each, together not more than it takes."""
        brought = [one["id"] for one in self.events if one["kind"] in ("buy", "income", "swap", "gift")]
        chosen = self.random.sample(brought, min(len(brought), self.random.randint(1, 2)))
        units = int(Decimal(quantity).scaleb(18, EXACT)) // 2
        share = plain(Decimal(units).scaleb(-18, EXACT))
        if len(chosen) == 1 or share == "0":
            return [{"lot": one, "qty": quantity} for one in chosen[:1]]
        return [{"lot": one, "qty": share} for one in chosen]

    def event(self, number: int, method: str) -> dict:
        """One event that is not refused."""
        kind = self.random.choices(KINDS, WEIGHTS)[0]
        name = f"{self.random.choice('abcz')}{number}"
        place = self.random.choice(PLACES[: self.random.choice((1, 1, 1, 2, 3))])
        event = {
            "id": name,
            "at": self.at(),
            "kind": kind,
            "place": place,
            "asset": self.random.choice(self.assets),
        }
        if kind != "fork":
            event["qty"] = self.quantity()
        other = self.random.choice([one for one in (*ASSETS, "NEW") if one != event["asset"]])
        if kind == "buy" and self.chance(0.9):
            event["cost"] = self.money()
        if kind == "sell":
            event["proceeds"] = self.money()
        if kind in ("swap", "fork"):
            event |= {"to_asset": other, "to_qty": self.quantity()}
        if kind == "transfer":
            event["to_place"] = self.random.choice([one for one in PLACES if one != place])
        if kind == "income":
            event["sort"] = self.random.choice(SORTS)
        if kind == "gift":
            self._gift(event)
        if kind in ("swap", "income", "gift") and self.chance(0.5):
            event["value"] = self.money(0.15)
        if kind in ("sell", "swap", "transfer", "gift", "loss") and method == "specific" and self.chance(0.6):
            event["lots"] = self.named_lots(event["qty"])
            if not event["lots"] or event.get("way") == "in":
                del event["lots"]
        if self.chance(0.35):
            event["fee"] = self.fee(event)
        if self.chance(0.1):
            event["seq"] = self.random.randint(0, 3)
        return event

    def _gift(self, event: dict) -> None:
        event["way"] = self.random.choice(("in", "out"))
        if event["way"] == "in" and self.chance(0.5):
            event["donor_cost"] = self.amount()
            event["donor_at"] = (
                f"{self.years[0] - self.random.randint(0, 2)}-01-0{self.random.randint(1, 9)}T12:00:00Z"
            )

    def stock(self) -> None:
        """Coins to sell from, bought early at the first place; not always enough."""
        for asset in self.assets:
            if self.chance(0.8):
                quantity = {"tiny": "0.00000000000000002", "huge": "999999999999999999"}.get(self.theme, "30")
                at = f"{self.years[0]}-01-0{self.random.randint(1, 4)}T12:00:00Z"
                bought = {"id": "k" + asset, "at": at, "kind": "buy", "place": "A", "asset": asset}
                self.events.append(bought | {"qty": quantity, "cost": self.money(0.1)})

    def flows_with_roots(self) -> None:
        """Purchases and sales a year apart whose sum is zero at chosen rates; then all is lost or kept."""
        factors = [Decimal(self.random.randint(50, 300)) / 100 for _ in range(self.random.randint(1, 4))]
        flows = [Decimal(-100)]
        for factor in factors:
            flows = [a - b * factor for a, b in zip([*flows, Decimal(0)], [Decimal(0), *flows], strict=True)]
        for number, flow in enumerate(flows):
            start = {"at": f"{2019 + number}-01-01T12:00:00Z", "place": "A", "asset": "BTC"}
            if flow < 0:
                self.events.append(
                    start | {"id": f"b{number}", "kind": "buy", "qty": "9", "cost": plain(-flow)}
                )
            else:
                self.events.append(
                    start | {"id": f"s{number}", "kind": "sell", "qty": "1", "proceeds": plain(flow)}
                )
        if self.chance(0.8):
            left = sum(9 if flow < 0 else -1 for flow in flows)
            self.events.append(start | {"id": "z", "kind": "loss", "qty": str(left)})

    def spoil(self, event: dict) -> dict:
        """The event with something that has to be refused, or with more than one reason."""
        spoilt = dict(event)
        for _ in range(self.random.choice((1, 1, 2))):
            way = self.random.randint(0, 6)
            if way == 0:
                spoilt["at"] = self.random.choice((*BAD_TIMES, "2031-01-01T00:00:00Z"))
            elif way == 1:
                spoilt["kind"] = "steal"
            elif way == 2 and "qty" in spoilt:
                spoilt["qty"] = self.random.choice(BAD_NUMBERS)
            elif way == 3:
                spoilt["fee"] = {"asset": "BTC", "qty": self.random.choice(BAD_NUMBERS)}
            elif way == 4:
                spoilt["fee"] = {"amount": self.random.choice(BAD_NUMBERS[:3]), "cur": "EUR"}
            elif way == 5:
                spoilt = {key: value for key, value in spoilt.items() if key != "proceeds"} | {"kind": "sell"}
                spoilt.setdefault("qty", "1")
            else:
                spoilt |= {"kind": "transfer", "to_place": spoilt["place"]}
                spoilt.setdefault("qty", "1")
        return spoilt

    # Prices and rates.

    def _with_holes(self, days: list[str], share: float) -> set[str]:
        found = set()
        for day in days:
            back = 0 if self.chance(0.6) else self.random.randint(1, 10)
            if self.chance(share):
                found.add((date.fromisoformat(day) - timedelta(days=back)).isoformat())
        return found

    def prices(self, days: list[str]) -> list[dict]:
        """Closes, most in EUR."""
        rows = []
        share = 1.0 if self.chance(0.5) else 0.7
        for asset in (*ASSETS, "NEW"):
            for day in sorted(self._with_holes(days, share)):
                price = plain(Decimal(self.random.randint(1, 10**6)).scaleb(-self.random.choice((0, 2, 6))))
                row = {"asset": asset, "day": day, "price": price}
                rows.append(row | ({"cur": "USD"} if self.chance(0.1) else {}))
        return rows

    def rates(self, days: list[str]) -> list[dict]:
        """Units for one euro; the franc has none at all."""
        rows = []
        for cur, low in (("USD", 9), ("JPY", 1300)):
            for day in sorted(self._with_holes(days, 0.9)):
                rows.append(
                    {"cur": cur, "day": day, "rate": plain(Decimal(self.random.randint(low, low * 2)) / 10)}
                )
        return rows

    def span(self, days: list[str]) -> tuple[str, str]:
        """The days asked for worth and returns."""
        chosen = days[0] if self.chance(0.5) else self.random.choice(days)
        start = date.fromisoformat(chosen) - timedelta(days=self.random.choice((0, 0, 1, 3)))
        length = self.random.choice((0, 1, 5, 30, 364, 365, 366, 730))
        if self.theme == "returns":
            length = self.random.randint(0, 25)
        if self.theme == "roots":
            length = (date.fromisoformat(days[-1]) - start).days + self.random.choice((0, 0, 1, 40))
        return start.isoformat(), (start + timedelta(days=length)).isoformat()

    def make(self) -> dict:
        """The case."""
        settings: dict = {}
        if self.chance(0.8):
            settings["method"] = self.random.choice(METHODS)
        if self.chance(0.3):
            settings["pool"] = self.random.choice(("all", "place"))
        if self.chance(0.4):
            settings["zone"] = self.random.choice(ZONES)
        if self.chance(0.15):
            settings["base"] = "USD"
        if self.theme == "refused":
            settings["now"] = "2025-06-01T00:00:00Z"
        if self.theme == "france":
            switches = {"scale": True, "acquisition_fees": True, "income_enters_220": True}
            settings["fr"] = {key: value for key, value in switches.items() if self.chance(0.3)}
            if self.chance(0.2):
                settings["fr"] |= {"opening_220": "3000", "opening_221": "1000.5"}
        if self.theme == "roots":
            self.flows_with_roots()
        elif self.chance(0.75):
            self.stock()
        count = self.random.randint(0, 2) if self.theme == "roots" else self.random.randint(1, 12)
        for number in range(count):
            self.events.append(self.event(number, settings.get("method", "fifo")))
        days = sorted({one["at"][:10] for one in self.events})
        first, last = self.span(days)
        closes = [*days, last, (date.fromisoformat(first) - timedelta(days=1)).isoformat()]
        length = (date.fromisoformat(last) - date.fromisoformat(first)).days
        closes += [
            (date.fromisoformat(first) + timedelta(days=step)).isoformat() for step in range(0, length, 4)
        ]
        if self.chance(0.5):
            closes += [(date.fromisoformat(one) - timedelta(days=3)).isoformat() for one in days]
        asked = "gains realised lots gaps income expenses refused notes fr de".split()
        if self.theme == "france":
            asked.remove("de")
        ask: dict = dict.fromkeys(asked, True) | {"worth": last, "twr": [first, last], "xirr": [first, last]}
        events = list(self.events)
        if self.theme == "refused":
            for one in self.random.sample(self.events, min(3, len(self.events))):
                wrong = self.spoil(one) if self.chance(0.7) else dict(one)
                wrong["id"] = one["id"] if self.chance(0.3) else "r" + one["id"]
                events.insert(self.random.randint(0, len(events)), wrong)
        self.random.shuffle(events)
        return {
            "name": self.theme,
            "settings": settings,
            "events": events,
            "prices": self.prices(closes),
            "rates": self.rates(closes),
            "ask": ask,
        }


def make_case(seed: int, theme: str | None = None) -> dict:
    """The case of a seed."""
    return OracleCases(seed, theme).make()


def smallest(case: dict, still: Callable[[dict], bool]) -> dict:
    """The case without what `still` does not need: events, prices, rates, settings and details of events."""
    changed = True
    while changed:
        changed = False
        for tried in _shorter(case):
            if still(tried):
                case, changed = tried, True
                break
    return case


def _shorter(case: dict):
    for key in ("events", "prices", "rates"):
        rows = case[key]
        for size in (len(rows) // 2, len(rows) // 4, 1):
            for at in range(0, len(rows), size or 1):
                if size:
                    yield case | {key: rows[:at] + rows[at + size :]}
    for key in case["settings"]:
        yield case | {"settings": {one: case["settings"][one] for one in case["settings"] if one != key}}
    for key in case["ask"]:
        if len(case["ask"]) > 1:
            yield case | {"ask": {one: case["ask"][one] for one in case["ask"] if one != key}}
    for at, event in enumerate(case["events"]):
        for key in ("fee", "lots", "seq", "value", "donor_cost", "donor_at"):
            if key in event:
                shorter = {one: event[one] for one in event if one != key}
                yield case | {"events": [*case["events"][:at], shorter, *case["events"][at + 1 :]]}
        for key in ("qty", "cost", "proceeds", "to_qty"):
            if isinstance(event.get(key), dict) or len(event.get(key) or "") > 4:
                shorter = event | {key: "100" if key in ("cost", "proceeds") else "3"}
                yield case | {"events": [*case["events"][:at], shorter, *case["events"][at + 1 :]]}
