"""What a dollar is worth for those who count in euros: by the reference rate of the day, as of any instant."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.person import Caller
from vigie.services.house import House
from vigie.services.measuring.euros import MEAN, REFERENCE
from vigie.services.operation import Answer, Ask, Figure, operation


class RateAsk(Ask):
    """As of when."""

    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class Rate(Answer):
    """Euros for a dollar."""

    figure: Figure


@operation("currencies.euro", example={})
def read_euro(house: House, caller: Caller, ask: RateAsk) -> Rate:
    """Read how many euros a dollar is worth: the ECB's reference rate, else the mean that CoinGecko tells."""
    known = house.facts.latest([REFERENCE, MEAN], as_of=ask.as_of)
    one = known.get(REFERENCE) or known.get(MEAN)
    if one is None or one.value <= 0:
        return Rate(as_of=ask.as_of, figure=Figure(value=None, unit="EUR", source=""))
    is_reference = one.series == REFERENCE
    return Rate(
        as_of=ask.as_of,
        figure=Figure(
            value=1.0 / one.value if is_reference else one.value,
            unit="EUR",
            source="ECB" if is_reference else "CoinGecko",
            ts_event=one.ts_event,
            ts_known=one.ts_known,
            formula=f"1 / {REFERENCE}" if is_reference else MEAN,
        ),
    )
