"""What an account is traded with, as one record."""

from __future__ import annotations

from dataclasses import dataclass

from vigie.data.stores import DataStores
from vigie.ports.accounts import UserStore
from vigie.ports.audit import AuditLog
from vigie.ports.clock import Clock
from vigie.ports.facts import FactStore
from vigie.ports.home import IsSimulated, ResultsHome
from vigie.ports.learned_models import LearnedModels
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook


@dataclass(frozen=True, slots=True)
class TradingStores:
    """What an account is traded with."""

    trades: TradeBook
    results: ResultsHome
    data: DataStores
    quotes: QuoteStore
    facts: FactStore
    audit: AuditLog
    accounts: UserStore
    clock: Clock
    learned_models: LearnedModels
    is_simulated: IsSimulated
