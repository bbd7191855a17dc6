"""What a person or a file wrote, as amounts, times and sides; what cannot be read is refused with what is accepted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from vigie.domain.errors import UsageError
from vigie.domain.outside import FillSide
from vigie.domain.refusal import Refusal
from vigie.domain.time import SECOND_MS, is_zone

DateOrder = Literal["", "day_first", "month_first"]
# So many digits before and after the point keep every sum and product exact.
_MAX_DIGITS: Final = 15
_MAX_DECIMALS: Final = 18
_AMOUNT: Final = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,2}))?", re.ASCII)
_COMMA_AMOUNT: Final = re.compile(r"[+-]?\d+(,\d+)?", re.ASCII)
# Beside a decimal comma a point marks thousands: read as a decimal point it would make a price a thousandth.
_THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+", re.ASCII)
# A coin right behind the amount begins with two letters, or is one: 1e308 and 0x1 are numbers of another kind.
_FEE: Final = re.compile(
    r"(?P<amount>[+-]?[\d.,]+(?:[eE][+-]?\d{1,2})?)"
    r"(?: (?P<currency>[A-Za-z][A-Za-z0-9]*)|(?P<glued>[A-Za-z]{2}[A-Za-z0-9]*|[A-Za-z]))?",
    re.ASCII,
)
_OTHER_BASE: Final = re.compile(r"[+-]?[\d.,]*x[\da-f]+", re.ASCII | re.IGNORECASE)
_CURRENCY: Final = re.compile(r"[A-Z0-9]{1,15}", re.ASCII)
_ID: Final = re.compile(r"[\w.:-]{0,80}", re.ASCII)
_EPOCH: Final = re.compile(r"\d{10}|\d{13}", re.ASCII)
_ISO: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)? ?(Z|UTC|[+-]\d{2}:?\d{2})?)?", re.ASCII
)
SHORT_YEAR: Final = re.compile(r"\d{2}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}", re.ASCII)
_SLASHES: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: -|,)? (\d{2}):(\d{2})(?::(\d{2}))?", re.ASCII)
# Before the first coin nothing was traded.
_FIRST_MS: Final = 1_230_768_000_000
_SIDES: Final[dict[str, FillSide]] = {
    "buy": "buy", "b": "buy", "sell": "sell", "s": "sell", "a": "sell",
    "open long": "buy", "close short": "buy", "short > long": "buy",
    "open short": "sell", "close long": "sell", "long > short": "sell",
}  # fmt: skip
_SHOWN_LENGTH: Final = 60
AmountName = Literal["price", "quantity", "fee"]
_AMOUNT_WORDS: Final[dict[AmountName, Refusal]] = {
    "price": Refusal("outside_price", "price"),
    "quantity": Refusal("outside_quantity", "quantity"),
    "fee": Refusal("outside_fee", "fee"),
}


def shorten(text: str) -> str:
    """Return what is told of a text that was refused: an enormous one is cut."""
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"


def parse_amount(
    text: str, name: AmountName, *, has_comma: bool = False, may_be_negative: bool = False
) -> Decimal:
    """Read an amount, exactly as it is written.

    Parameters
    ----------
    text : str
        ``60000.10``, or ``60000,10`` where `has_comma`.
    name : str
        What it is, for refusals: ``price``.

    Raises
    ------
    UsageError
        If it is none, has more than 15 digits before or 18 after the point, or is not positive and must be.
    """
    plain = text.replace(",", ".") if has_comma and _COMMA_AMOUNT.fullmatch(text) else text
    match = _AMOUNT.fullmatch(plain)
    if match is None or (has_comma and _THOUSANDS.fullmatch(text)):
        if not has_comma and _COMMA_AMOUNT.fullmatch(text):
            raise UsageError(
                "outside_decimal_comma",
                "{name} must be a number such as 1234.5, was {text!r}; choose the decimal comma if one is meant",
                name=_AMOUNT_WORDS[name],
                text=shorten(text),
            )
        raise UsageError(
            "outside_amount_must_number",
            "{name} must be a number such as 1234.5, without spaces or thousands marks, was {text!r}",
            name=_AMOUNT_WORDS[name],
            text=shorten(text),
        )
    amount = Decimal(plain)
    exponent = amount.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    if decimals > _MAX_DECIMALS or (amount and amount.adjusted() >= _MAX_DIGITS):
        raise UsageError(
            "outside_amount_too_long",
            "{name} may have 15 digits before the point and 18 after it, was {text!r}",
            name=_AMOUNT_WORDS[name],
            text=shorten(text),
        )
    if amount <= 0 and not may_be_negative:
        raise UsageError(
            "outside_amount_must_positive",
            "{name} must be more than 0, was {text!r}",
            name=_AMOUNT_WORDS[name],
            text=shorten(text),
        )
    # A number with an exponent is kept as it is written out.
    return Decimal(f"{amount:f}")


def parse_fee(text: str, currency: str, *, has_comma: bool = False) -> tuple[Decimal, str]:
    """Read a fee with its currency, which may stand behind it: ``0.28 USDT``.

    Parameters
    ----------
    currency : str
        Where none stands behind it.
    """
    if not text:
        return Decimal(0), parse_currency(currency)
    match = None if _OTHER_BASE.fullmatch(text) else _FEE.fullmatch(text)
    amount, own_currency = (match["amount"], match["currency"] or match["glued"]) if match else (text, None)
    return (
        parse_amount(amount, "fee", has_comma=has_comma, may_be_negative=True),
        parse_currency((own_currency or currency).upper()),
    )


def parse_currency(text: str) -> str:
    """Read the ticker of a currency, in capitals."""
    currency = text.upper()
    if not _CURRENCY.fullmatch(currency):
        raise UsageError(
            "outside_currency_must_ticker",
            "fee currency must be a ticker such as USDT, was {text!r}",
            text=shorten(text),
        )
    return currency


def parse_side(text: str) -> FillSide:
    """Read a side."""
    side = _SIDES.get(text.lower())
    if side is None:
        raise UsageError(
            "outside_side_must_buy_or_sell", "side must be buy or sell, was {text!r}", text=shorten(text)
        )
    return side


def parse_outside_id(text: str) -> str:
    """Read the venue's id of a fill."""
    if not _ID.fullmatch(text):
        raise UsageError(
            "outside_id_must_plain",
            "id may hold at most 80 letters, digits, dots, colons and dashes, was {text!r}",
            text=shorten(text),
        )
    return text


def find_zone(name: str) -> tzinfo:
    """Return a time zone by its name.

    Raises
    ------
    UsageError
        If there is none.
    """
    if name in ("", "UTC"):
        return UTC
    if not is_zone(name):
        raise UsageError(
            "outside_no_zone",
            "time zone must be a name such as UTC or Europe/Paris, was {name!r}",
            name=shorten(name),
        )
    return ZoneInfo(name)


def parse_moment(text: str, zone: tzinfo, order: DateOrder, *, now: int) -> int:
    """Read a time; one that does not say its zone is of `zone`.

    Parameters
    ----------
    order : str
        Of a date with slashes, ``day_first`` or ``month_first``.
    now : int
        Epoch milliseconds; a fill is not of later.

    Returns
    -------
    int
        Epoch milliseconds UTC.

    Raises
    ------
    UsageError
        If it is no time, or one before 2009 or to come.
    """
    ts = int(text) * (1 if len(text) == 13 else SECOND_MS) if _EPOCH.fullmatch(text) else None
    if ts is None:
        try:
            moment = _read_moment(text, order)
        except ValueError as fault:
            raise UsageError(
                "outside_no_such_day",
                "{text!r} is no day of the calendar, or no time of a clock; correct it, or choose the order of day and "
                "month",
                text=shorten(text),
            ) from fault
        if moment is None:
            raise UsageError(
                "outside_time_must_iso",
                "time must look like 2026-05-29 18:25:01 or 2026-05-29T18:25:01+02:00, was {text!r}",
                text=shorten(text),
            )
        if moment.tzinfo is None:
            moment = _in_zone(moment, zone, text)
        ts = round(moment.timestamp() * SECOND_MS)
    if not _FIRST_MS <= ts <= now:
        raise UsageError(
            "outside_time_must_past", "time must be between 2009 and now, was {text!r}", text=shorten(text)
        )
    return ts


def _in_zone(moment: datetime, zone: tzinfo, text: str) -> datetime:
    """Return a time of a zone's clocks; one that they left out in spring shows that another zone is meant."""
    placed = moment.replace(tzinfo=zone)
    if placed.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != moment:
        raise UsageError(
            "outside_time_left_out",
            "time {text!r} was left out by the clocks of {zone}, which went forward then; choose the time zone of the "
            "file",
            text=shorten(text),
            zone=str(zone),
        )
    return placed


def note_twice(text: str, zone: tzinfo, order: DateOrder) -> str:
    """Return what is told of a time that the clocks of its zone showed twice when they went back; empty for others.

    Parameters
    ----------
    text : str
        As `parse_moment` reads it: of the two, that takes the first.
    """
    moment = None if _EPOCH.fullmatch(text) else _read_moment(text, order)
    if moment is None or moment.tzinfo is not None:
        return ""
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if not first.astimezone(UTC) < second.astimezone(UTC):
        return ""
    return Refusal(
        "outside_time_twice",
        "time {text!r} came twice on the clocks of {zone}, which went back then: the first, {first}, is taken; write "
        "{second} if the second is meant",
        text=shorten(text),
        zone=str(zone),
        first=first.isoformat(),
        second=second.isoformat(),
    )


def _read_moment(text: str, order: DateOrder) -> datetime | None:
    if _ISO.fullmatch(text):
        return datetime.fromisoformat(text.replace(" UTC", "Z").replace("UTC", "Z").replace(" +", "+"))
    if SHORT_YEAR.fullmatch(text):
        return datetime.fromisoformat(f"20{text}")
    match = _SLASHES.fullmatch(text)
    if match is None:
        return None
    first, second, year, hour, minute = (int(part) for part in match.groups()[:5])
    day, month = (first, second) if order != "month_first" else (second, first)
    return datetime(year, month, day, hour, minute, int(match[6] or 0))  # noqa: DTZ001 - its zone is put in by the caller


def find_date_order(texts: list[str]) -> DateOrder | None:
    """Return the order that dates with slashes show; empty where there are none, None where it may be either."""
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := _SLASHES.fullmatch(text))]
    if not pairs:
        return ""
    if any(first > 12 for first, _ in pairs):
        return "day_first"
    return "month_first" if any(second > 12 for _, second in pairs) else None
