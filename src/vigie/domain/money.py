"""The border between exact decimals and float64, and the grid of ticks and lots.

Prices in bars and statistics are float64; what leaves the kernel is an integer number of ticks or lots.
Grid point `k` of a step ``m * 10**-d`` is ``k * m / 10**d`` in one correctly rounded division, so it equals
the float of the venue's decimal string.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from vigie.domain.errors import UsageError

MAX_DIGITS = 16
# More would not survive float64, and a product of ticks would not fit an int64.
MAX_SIGNIFICANT = 15


@dataclass(frozen=True, slots=True)
class GridStep:
    """A grid step ``multiple * 10**-digits``: the tick of a price or the lot of a quantity.

    Attributes
    ----------
    multiple : int
        Positive, at most 15 significant digits.
    digits : int
        Decimals, 0 to 16.
    """

    multiple: int
    digits: int

    @property
    def value(self) -> float:
        """The step as float64, correctly rounded."""
        return self.point(1)

    @property
    def scale(self) -> float:
        """``10**digits``, exact in float64 up to 22 digits."""
        return float(10**self.digits)

    def point(self, number: int) -> float:
        """Return grid point `number` as float64, correctly rounded.

        Parameters
        ----------
        number : int
            Ticks or lots; may be negative.

        Returns
        -------
        float
            Price in quote currency, or quantity in base units.
        """
        scale: int = 10**self.digits
        return number * self.multiple / scale

    def __str__(self) -> str:
        """Return the step as a plain decimal string."""
        return format(Decimal(self.multiple).scaleb(-self.digits), "f")


def parse_step(value: str | float | int | Decimal, *, name: str = "tick") -> GridStep:
    """Read a tick or lot from a decimal string or a number.

    Parameters
    ----------
    value : str, float, int or Decimal
        Positive; a float is read by its shortest decimal form.
    name : str
        What the step is, for the message.

    Returns
    -------
    GridStep
        In lowest terms of ten (``0.10`` and ``0.1`` are the same step).

    Raises
    ------
    UsageError
        If the value is not a positive number with at most 16 decimals and 15 significant digits.
    """
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise UsageError(
            "must_positive_number", "{name} must be a positive number, was {value!r}", name=name, value=value
        ) from None
    if not number.is_finite() or number <= 0:
        raise UsageError(
            "must_positive_number", "{name} must be a positive number, was {value!r}", name=name, value=value
        )
    _, digits, exponent = number.normalize().as_tuple()
    if not isinstance(exponent, int):  # NaN and infinity were refused above
        raise UsageError(
            "must_positive_number", "{name} must be a positive number, was {value!r}", name=name, value=value
        )
    if len(digits) + max(exponent, 0) > MAX_SIGNIFICANT:
        raise UsageError(
            "must_most_significant_digits",
            "{name} must have at most {max_significant} significant digits, was {value!r}",
            name=name,
            max_significant=MAX_SIGNIFICANT,
            value=value,
        )
    multiple = int("".join(map(str, digits)))
    if exponent > 0:
        multiple, exponent = multiple * 10**exponent, 0
    if -exponent > MAX_DIGITS:
        raise UsageError(
            "must_most_decimals",
            "{name} must have at most {max_digits} decimals, had {value}",
            name=name,
            max_digits=MAX_DIGITS,
            value=-exponent,
        )
    return GridStep(multiple=multiple, digits=-exponent)


def to_decimal(value: float) -> Decimal:
    """Cross from float64 to Decimal by the shortest decimal form, as shown to people.

    Parameters
    ----------
    value : float
        A shown or stored float64.

    Returns
    -------
    Decimal
        The shortest decimal that reads back as the same float: 0.1 becomes ``Decimal("0.1")``.
    """
    return Decimal(repr(float(value)))
