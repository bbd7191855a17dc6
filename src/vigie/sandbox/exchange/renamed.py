"""Contracts under new names: what is asked and shown says the new one, the exchange goes on under the old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vigie.sandbox.exchange.core.words import Refused

# Where questions name a contract.
_FIELDS: Final = ("symbol", "pair", "coin")


@dataclass(slots=True)
class Renamed:
    """The names that contracts have now.

    Attributes
    ----------
    now : dict of str to str
        New names by old ones.
    """

    now: dict[str, str] = field(default_factory=dict)

    def asked(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is asked, under the old names; nobody knows those any more who asks by them.

        Raises
        ------
        Refused
            If a contract is asked for under the name that it had.
        """
        old = {new: name for name, new in self.now.items()}
        told = dict(fields)
        for name in _FIELDS:
            given = told.get(name)
            if isinstance(given, str) and given in self.now:
                raise Refused("unknown_symbol", given)
            if isinstance(given, str) and given in old:
                told[name] = old[given]
        return told

    def shown(self, body: Any) -> Any:
        """Return an answer, under the new names."""
        return json.loads(self.text(json.dumps(body))) if self.now and isinstance(body, dict | list) else body

    def text(self, told: str) -> str:
        """Return JSON under the new names."""
        for name, new in self.now.items():
            told = told.replace(json.dumps(name), json.dumps(new))
        return told
