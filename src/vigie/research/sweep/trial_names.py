"""Names the trials of a sweep for the registry, a microsecond each."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import Any

from vigie.domain.trials import TriedVariants
from vigie.engine.run import PlannedSlot
from vigie.research.fingerprints import hash_of_trial, strategy_source
from vigie.research.series import traded_part
from vigie.research.sweep.plan import SweepPlan, series_name, varied_account
from vigie.research.sweep.space import Values


def _record_json(record: Any) -> str:
    return json.dumps(dataclasses.asdict(record), sort_keys=True, default=str)


class TrialNames:
    """Names the trials of a sweep for the registry, a microsecond each."""

    def __init__(self, plan: SweepPlan) -> None:
        self._plan = plan
        self._series = [traded_part(slot) for slot in plan.slots]
        self._accounts: dict[Values, bytes] = {}
        names = [axis.name for axis in plan.space.axes]
        self._params = names[: sum(axis.kind == "param" for axis in plan.space.axes)]
        # Parameters stand in the order of their names, one after the other for each slot.
        places = sorted(range(len(self._params)), key=self._params.__getitem__)
        own = [
            self._template(slot, f"{number}/{slot.bars.timeframe}" if plan.is_shared else slot.bars.timeframe)
            for number, slot in enumerate(plan.slots)
        ]
        former = [self._template(slot, series_name(slot)) for slot in plan.slots]
        if plan.is_shared:
            own, former = [f"[{', '.join(own)}]"], [f"[{', '.join(former)}]"]
            places = places * len(plan.slots)
        self._templates = [
            (f"[{own_text}, ".encode(), f"[{former_text}, ".encode())
            for own_text, former_text in zip(own, former, strict=True)
        ]
        # Most spaces name their axes in that order.
        self._places = None if places == list(range(len(self._params))) else places

    def _template(self, slot: PlannedSlot, series: str) -> str:
        # What was tried as JSON, with a place for every varied parameter; doubled signs stand for themselves.
        parts = []
        for name, value in sorted(dataclasses.asdict(slot.params).items()):
            place = "%r" if name in self._params else _escape_percent(json.dumps(value))
            parts.append(f"{_escape_percent(json.dumps(name))}: {place}")
        words = (series, slot.strategy.name, strategy_source(slot.strategy))
        fees = f", {_escape_percent(json.dumps(slot.own_fees, sort_keys=True))}" if slot.own_fees else ""
        return f"[{_escape_percent(', '.join(map(json.dumps, words)))}, {{{', '.join(parts)}}}{fees}]"

    def tried_variants(self, combinations: Sequence[int]) -> list[TriedVariants]:
        """Return what combinations tried: a variant on every series, or one on all that share an account.

        Parameters
        ----------
        combinations : sequence of int
            Numbers in the plan's space, refused ones left out.

        Returns
        -------
        list of TriedVariants
            Empty for no combinations.
        """
        split = list(self._plan.space.split(combinations))
        if not split:
            return []
        groups = [tuple(self._series)] if self._plan.is_shared else [(traded,) for traded in self._series]
        return [
            TriedVariants(series, *(self._hash_variants(template, split) for template in templates))
            for series, templates in zip(groups, self._templates, strict=True)
        ]

    def _hash_variants(self, template: bytes, split: Sequence[tuple[Values, Values]]) -> list[str]:
        places, hashes = self._places, []
        for values, settings in split:
            account = self._accounts.get(settings) or self._account(settings)
            ordered = values if places is None else tuple([values[place] for place in places])
            hashes.append(hash_of_trial(template % ordered + account))
        return hashes

    def _account(self, values: Values) -> bytes:
        names = [axis.name for axis in self._plan.space.axes][len(self._params) :]
        account = varied_account(self._plan, dict(zip(names, values, strict=True)))
        account_json = self._accounts[values] = f"{_record_json(account)}]".encode()
        return account_json


def _escape_percent(text: str) -> str:
    return text.replace("%", "%%")
