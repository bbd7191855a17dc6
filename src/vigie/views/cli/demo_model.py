"""The demonstration's model: trained on its history, promoted by the gates of every model, traded beside the rules.

It judges the signals of a rule on the one coin whose price has a wave. Its logistic regression needs no library that
learns. Of what the account's past is made of it was taught nothing: the newest fifth of two years is longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vigie.domain.errors import NotFound, UsageError
from vigie.domain.learned import LearnedModel
from vigie.domain.person import OWNER
from vigie.domain.time import DAY_MS
from vigie.ports.audit import AuditLog
from vigie.services.demo_world import PAST_DAYS, VENUE, add_slot
from vigie.services.learning.evaluation_request import EvaluationRequest
from vigie.services.learning.gates import LEAST_CLOSES
from vigie.services.learning.model_strategy import strategy_name
from vigie.services.learning.promotion import promote_model
from vigie.services.learning.shadow import note_past
from vigie.services.learning.training import TrainingHome, find_model, train_model
from vigie.services.learning.training_limits import training_limits

NAME: Final = "wave"
COIN: Final = "BNB"
TIMEFRAME: Final = "1h"
RULE: Final = "donchian_breakout"
COLUMNS: Final = (
    "calendar.weekday_sine", "calendar.weekday_cosine", "price.volatility_24", "price.position_168", "volume.ratio_24",
)  # fmt: skip
REQUEST: Final = EvaluationRequest(
    COIN, venue=VENUE, timeframe=TIMEFRAME, kind="logistic", horizon=24, columns=COLUMNS, rule=RULE,
    is_for_accounts=True,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class DemoModel:
    """What trains it; killed, it goes on where it was.

    Attributes
    ----------
    home : Path
    parts : TrainingHome
    audit : AuditLog
    say : callable
        Told what became of it.
    """

    home: Path
    parts: TrainingHome
    audit: AuditLog
    say: Callable[[str], None] = print

    def prepare(self) -> bool:
        """Train it and bring it to paper, and have the account trade it; return whether it passed the gates."""
        model = self._trained()
        try:
            if model.stage == "candidate":
                model = promote_model(self.parts, self.audit, OWNER.user, model)
            if model.stage == "shadow":
                # Signals of the replayed past are explained, too: it begins at midnight.
                note_past(self.parts, model, LEAST_CLOSES, entries_ms=(PAST_DAYS + 1) * DAY_MS)
                model = promote_model(self.parts, self.audit, OWNER.user, model)
        except UsageError as refused:
            self.say(f"the model does not trade: {refused}")
            return False
        strategy = strategy_name(NAME, RULE)
        add_slot(self.home, COIN, TIMEFRAME, strategy)
        self.say(f"the model trades on paper: {strategy}")
        return True

    def _trained(self) -> LearnedModel:
        try:
            return find_model(self.parts.models, NAME)
        except NotFound:
            # Its kind is fitted without a library.
            with training_limits(has_library=False):
                return train_model(self.parts, NAME, REQUEST, owner=OWNER.user).model
