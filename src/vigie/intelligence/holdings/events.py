"""Rows of a file to events: what is refused, with the first code that holds, and what enters only once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal

from vigie.intelligence.holdings.amounts import parse_plain
from vigie.intelligence.holdings.records import HoldingEvent, HoldingFee, MoneyAmount, NamedLot

Row = Mapping[str, object]

KINDS = frozenset({"buy", "sell", "swap", "transfer", "income", "fee", "gift", "loss", "fork"})
SORTS = frozenset({"staking", "mining", "interest", "service", "airdrop"})
WAYS = frozenset({"in", "out"})
# Inside one time and sequence: what comes in, transfers, swaps, what goes out.
RANKS = {"buy": 0, "income": 0, "fork": 0, "transfer": 1, "swap": 2, "sell": 3, "fee": 3, "loss": 3}


class BadEvent(Exception):
    """A row that is not booked.

    Parameters
    ----------
    code : str
        Why.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_events(
    rows: Sequence[Row], now: datetime | None = None
) -> tuple[list[HoldingEvent], list[tuple[str, str]]]:
    """Read the rows of a file.

    Parameters
    ----------
    rows : sequence of mapping
        As a case or an importer gives them.
    now : datetime, optional
        What is later is refused.

    Returns
    -------
    events : list of HoldingEvent
        In the order in which they are booked.
    refused : list of (id, code)
        In the order of the file.
    """
    kept: dict[str, HoldingEvent] = {}
    refused: list[tuple[str, str]] = []
    by_id: dict[str, list[Row | HoldingEvent]] = {}
    for row in rows:
        name = _text(row, "id")
        seen = by_id.setdefault(name, [])
        try:
            event = _parse_event(row, now)
        except BadEvent as error:
            if row not in seen:
                seen.append(row)
                refused.append((name, error.code))
            continue
        if event in seen:
            continue
        seen.append(event)
        if name in kept:
            refused.append((name, "duplicate_id"))
        else:
            kept[name] = event
    return sorted(kept.values(), key=_order), refused


def parse_time(given: object) -> datetime | None:
    """Read a time that names its zone.

    Parameters
    ----------
    given : object
        A text, where it is good.

    Returns
    -------
    datetime or None
        In UTC; nothing where it cannot be read or has no zone.
    """
    if not isinstance(given, str):
        return None
    try:
        at = datetime.fromisoformat(given)
        if at.utcoffset() is None or not 1 < at.year < 9999:
            return None
        return at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _order(event: HoldingEvent) -> tuple[datetime, int, int, str]:
    rank = (0 if event.way == "in" else 3) if event.kind == "gift" else RANKS[event.kind]
    return event.at, event.seq, rank, event.id


def _text(row: Row, key: str) -> str:
    found = row.get(key)
    return found if isinstance(found, str) else ""


def _parse_event(row: Row, now: datetime | None) -> HoldingEvent:
    at = parse_time(row.get("at"))
    giver_at = parse_time(row.get("donor_at"))
    if at is None or (row.get("donor_at") is not None and giver_at is None):
        raise BadEvent("bad_time")
    if now is not None and at > now:
        raise BadEvent("future")
    kind = _text(row, "kind")
    if not _is_known(row, kind):
        raise BadEvent("unknown_kind")
    is_fork, has_target = kind == "fork", kind in ("swap", "fork")
    event = HoldingEvent(
        id=_text(row, "id"),
        at=at,
        kind=kind,
        place=_text(row, "place"),
        asset=_text(row, "asset"),
        quantity=_quantity(row, "qty", is_due=not is_fork),
        seq=_sequence(row.get("seq")),
        cost=_money(row.get("cost")),
        proceeds=_money(row.get("proceeds")),
        value=_money(row.get("value")),
        to_asset=_text(row, "to_asset"),
        to_quantity=_quantity(row, "to_qty", is_due=has_target),
        to_place=_text(row, "to_place"),
        sort=_text(row, "sort"),
        way=_text(row, "way"),
        fee=_fee(row.get("fee")),
        lots=_parse_lots(row.get("lots")),
        giver_cost=_money(row.get("donor_cost")),
        giver_at=giver_at,
    )
    if kind == "sell" and event.proceeds is None:
        raise BadEvent("no_proceeds")
    if kind == "transfer" and event.to_place in ("", event.place):
        raise BadEvent("same_place")
    return event


def _is_known(row: Row, kind: str) -> bool:
    """Tell whether a row says what happened, and to what."""
    if kind not in KINDS or not _text(row, "asset"):
        return False
    if kind == "income":
        return _text(row, "sort") in SORTS
    if kind == "gift":
        return _text(row, "way") in WAYS
    return kind not in ("swap", "fork") or bool(_text(row, "to_asset"))


def _number(given: object) -> Decimal:
    number = parse_plain(given)
    if number is None:
        raise BadEvent("bad_number")
    return number


def _quantity(row: Row, key: str, *, is_due: bool) -> Decimal:
    if row.get(key) is None and not is_due:
        return Decimal(0)
    number = _number(row.get(key))
    if not number:
        raise BadEvent("bad_number")
    return number


def _sequence(given: object) -> int:
    if given is None:
        return 0
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    number = _number(given)
    if number != int(number):
        raise BadEvent("bad_number")
    return int(number)


def _money(given: object) -> MoneyAmount | None:
    if given is None:
        return None
    if isinstance(given, Mapping):
        return MoneyAmount(_number(given.get("amount")), _text(given, "cur") or None)
    return MoneyAmount(_number(given))


def _fee(given: object) -> HoldingFee | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise BadEvent("bad_number")
    if asset := _text(given, "asset"):
        return HoldingFee(
            asset=asset,
            quantity=_quantity(given, "qty", is_due=True),
            value=_money(given.get("value")),
        )
    return HoldingFee(money=_money(given))


def _parse_lots(given: object) -> tuple[NamedLot, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str):
        return ()
    return tuple(
        NamedLot(_text(one, "lot"), _quantity(one, "qty", is_due=True))
        for one in given
        if isinstance(one, Mapping)
    )
