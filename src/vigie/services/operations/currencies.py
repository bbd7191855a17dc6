"""What a dollar is worth for those who count in euros: by the reference rate of the day, as of any instant."""

from __future__ import annotations

from pydantic import Field

from vigie.domain.person import Caller
from vigie.ports.facts import FactStore
from vigie.services.market_data.euros import COINGECKO_RATE, ECB_RATE
from vigie.services.operation import Figure, OperationInput, OperationResult, operation


class EuroRateInput(OperationInput):
    """As of when."""

    as_of: int | None = Field(None, ge=0, le=4_102_444_800_000, description="Epoch ms; what was known then.")


class EuroRate(OperationResult):
    """Euros for a dollar."""

    figure: Figure


@operation("currencies.euro", example={})
def read_euro_rate(caller: Caller, params: EuroRateInput, fact_store: FactStore) -> EuroRate:
    """Read how many euros a dollar is worth: the ECB's reference rate, else the mean that CoinGecko tells."""
    facts = fact_store.latest([ECB_RATE, COINGECKO_RATE], as_of=params.as_of)
    fact = facts.get(ECB_RATE) or facts.get(COINGECKO_RATE)
    if fact is None or fact.value <= 0:
        return EuroRate(as_of=params.as_of, figure=Figure(value=None, unit="EUR", source=""))
    is_reference = fact.series == ECB_RATE
    return EuroRate(
        as_of=params.as_of,
        figure=Figure(
            value=1.0 / fact.value if is_reference else fact.value,
            unit="EUR",
            source="ECB" if is_reference else "CoinGecko",
            ts_event=fact.ts_event,
            ts_known=fact.ts_known,
            formula=f"1 / {ECB_RATE}" if is_reference else COINGECKO_RATE,
        ),
    )
