"""What the registry knows about an indicator."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator: how to call it, what it answers and after how many bars.

    Attributes
    ----------
    function : callable
        Takes the inputs in order, then the parameters by name.
    inputs : tuple of str
        ``close``, ``high``, ..., ``ts``; ``values`` is any series, ``other`` a second one.
    outputs : tuple of str
        Names of the returned arrays; with a single name the function returns a bare array.
    warmups : callable
        Takes the parameters by name; gives the bars of NaN before the first value, for each output.
    formula : str
        One line.
    source : str
        Where the definition comes from.
    exact : bool
        Whether every bar after the warm-up has a value; False where that depends on the prices.
    """

    function: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    warmups: Callable[..., tuple[int, ...]]
    formula: str
    source: str
    exact: bool = True

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.function.__name__

    @property
    def parameters(self) -> dict[str, float]:
        """The parameters with their defaults."""
        signature_parameters = inspect.signature(self.function).parameters.values()
        return {
            entry.name: entry.default for entry in signature_parameters if entry.default is not entry.empty
        }

    def warmup(self, **parameters: float) -> int:
        """Return the bars before every output has its first value, with the defaults where none is given."""
        return max(self.warmups(**{**self.parameters, **parameters}))
