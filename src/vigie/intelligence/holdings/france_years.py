"""A French year: sales with their lines, the limit of 305, lines 51 and 224, boxes of 2042-C, tax and levies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from vigie.intelligence.holdings.amounts import ZERO, in_cents, in_whole, total
from vigie.intelligence.holdings.country_rules import NO_RULES, CountryRules
from vigie.intelligence.holdings.records import CoinIncome

LINES = ("212", "213", "214", "215", "217", "218", "220", "221", "223")
NET = LINES.index("218")
HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class FrenchCoin:
    """One coin of line 212.

    Attributes
    ----------
    asset : str
        Which.
    quantity : Decimal
        How many, just before the sale.
    value : Decimal
        In EUR.
    basis : str
        ``sale``: at the sale's own unit price; ``fee``: at the value of the fee; ``close``: at the day's price.
    """

    asset: str
    quantity: Decimal
    value: Decimal
    basis: str


@dataclass(frozen=True, slots=True)
class FrenchEntry:
    """What an event adds to line 220 or 221.

    Attributes
    ----------
    event, line : str
        Which event, and ``220`` or ``221``.
    amount : Decimal
        In EUR.
    is_fee : bool
        Whether it is the fee of a purchase.
    """

    event: str
    line: str
    amount: Decimal
    is_fee: bool = False


@dataclass(frozen=True, slots=True)
class FrenchLack:
    """What is missing, and where.

    Attributes
    ----------
    event, asset : str
        Whose event, and of which coin.
    code : str
        ``missing_cost``, ``no_price`` or ``gap``.
    """

    event: str
    asset: str
    code: str


@dataclass(frozen=True, slots=True)
class FrenchSale:
    """A sale with its lines of form 2086; without them there are no figures.

    Attributes
    ----------
    event : str
        Which.
    lines : tuple of Decimal
        As `LINES` names them.
    gain : Decimal or None
        218 less the capital used.
    coins : tuple of FrenchCoin
        What line 212 is the sum of.
    """

    event: str
    lines: tuple[Decimal, ...] = ()
    gain: Decimal | None = None
    coins: tuple[FrenchCoin, ...] = ()

    @property
    def net(self) -> Decimal | None:
        """Line 218."""
        return self.lines[NET] if self.lines else None


@dataclass(frozen=True, slots=True)
class FrenchYear:
    """The figures of a year.

    Attributes
    ----------
    year : int
        In Paris.
    sales, income : tuple
        In order.
    line_51, line_224 : Decimal or None
        Net prices in cents, and gains.
    is_exempt : bool or None
        Whether line 51 is not over the limit.
    box_3an, box_3bn : Decimal or None
        Gain or loss in whole euros.
    income_tax, social_levies : Decimal or None
        In whole euros.
    flags : tuple of str
        What there is to say.
    places_abroad : tuple of str
        For form 3916-bis.
    entries : tuple of FrenchEntry
        What the year's events add to 220 and 221.
    lacks : tuple of FrenchLack
        What is missing in the year.
    """

    year: int
    sales: tuple[FrenchSale, ...]
    income: tuple[CoinIncome, ...]
    line_51: Decimal | None
    line_224: Decimal | None
    is_exempt: bool | None
    box_3an: Decimal | None
    box_3bn: Decimal | None
    income_tax: Decimal | None
    social_levies: Decimal | None
    flags: tuple[str, ...]
    places_abroad: tuple[str, ...]
    entries: tuple[FrenchEntry, ...] = ()
    lacks: tuple[FrenchLack, ...] = ()


def close_year(
    country: CountryRules,
    year: int,
    sales: Sequence[FrenchSale],
    income: Sequence[CoinIncome],
    flags: Collection[str],
    *,
    with_scale: bool,
    abroad: tuple[str, ...],
) -> FrenchYear:
    """Add up a year.

    Parameters
    ----------
    country : CountryRules
        Of France.
    year : int
        In Paris.
    sales, income : sequence
        Of the year, in order.
    flags : collection of str
        What was said on the way.
    with_scale : bool
        The option for the scale.
    abroad : tuple of str
        Places of form 3916-bis.

    Returns
    -------
    FrenchYear
        Unknown where a sale has no figures, or the year no rules.
    """
    limit = country.figure("exempt_up_to", year)
    ir_rate, ps_rate = country.figure("income_tax", year), country.figure("social_levies", year)
    net, gains = total([sale.net for sale in sales]), total([sale.gain for sale in sales])
    if limit is None or ir_rate is None or ps_rate is None:
        net = gains = None
        flags = {*flags, NO_RULES}
    line_51 = None if net is None else in_cents(net)
    exempt = None if line_51 is None or limit is None else line_51 <= limit
    taxed = ZERO if exempt else gains
    gain = None if taxed is None else max(taxed, ZERO)
    is_by_scale = with_scale and country.figure("option_for_the_scale", year) is not None
    return FrenchYear(
        year=year,
        sales=tuple(sales),
        income=tuple(income),
        line_51=line_51,
        line_224=gains,
        is_exempt=exempt,
        box_3an=None if gain is None else in_whole(gain),
        box_3bn=None if taxed is None else in_whole(max(-taxed, ZERO)),
        income_tax=None if is_by_scale and not exempt else _tax(gain, ir_rate),
        social_levies=_tax(gain, ps_rate),
        flags=tuple(sorted(flags)),
        places_abroad=abroad,
    )


def _tax(gain: Decimal | None, per_cent: Decimal | None) -> Decimal | None:
    return None if gain is None or per_cent is None else in_whole(gain * per_cent / HUNDRED)
