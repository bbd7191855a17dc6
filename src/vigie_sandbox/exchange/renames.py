"""Contracts under new names: what is asked and shown says the new one, the exchange goes on under the old."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vigie_sandbox.exchange.core.entities import ExchangeRefusal

# Where questions name a contract.
_CONTRACT_FIELDS: Final = ("symbol", "pair", "coin")


@dataclass(slots=True)
class ContractRenames:
    """The names that contracts have now.

    Attributes
    ----------
    new_names : dict of str to str
        New names by old ones.
    """

    new_names: dict[str, str] = field(default_factory=dict)

    def to_old_names(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is asked, under the old names; nobody knows those any more who asks by them.

        Raises
        ------
        ExchangeRefusal
            If a contract is asked for under the name that it had.
        """
        old_names = {new: name for name, new in self.new_names.items()}
        translated = dict(fields)
        for name in _CONTRACT_FIELDS:
            value = translated.get(name)
            if isinstance(value, str) and value in self.new_names:
                raise ExchangeRefusal("unknown_symbol", value)
            if isinstance(value, str) and value in old_names:
                translated[name] = old_names[value]
        return translated

    def to_new_names(self, body: Any) -> Any:
        """Return an answer, under the new names."""
        return (
            json.loads(self.rename_in_json(json.dumps(body)))
            if self.new_names and isinstance(body, dict | list)
            else body
        )

    def rename_in_json(self, text: str) -> str:
        """Return JSON under the new names."""
        for name, new in self.new_names.items():
            text = text.replace(json.dumps(name), json.dumps(new))
        return text
