"""The stages of a model as words in a refusal, so that each language has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from vigie.domain.learned import Stage
from vigie.domain.refusal import Refusal

STAGE_WORDS: Final[Mapping[Stage, Refusal]] = {
    "candidate": Refusal("model_stage_candidate", "candidate"),
    "shadow": Refusal("model_stage_shadow", "shadow"),
    "paper": Refusal("model_stage_paper", "paper"),
    "demo": Refusal("model_stage_demo", "demo"),
    "live": Refusal("model_stage_live", "live"),
}
