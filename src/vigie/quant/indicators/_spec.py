"""What the registry knows about an indicator."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

Pane = Literal["price", "own"]


@dataclass(frozen=True, slots=True)
class ChartedOutput:
    """One output of an indicator that the chart draws.

    Attributes
    ----------
    output : str
        One of the indicator's outputs.
    key, label : str
        What is added to the line's name in columns and addresses, and to its title; nothing for a single line.
    """

    output: str
    key: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ChartStyle:
    """How the chart of an asset draws an indicator.

    Attributes
    ----------
    title : str
        ``SMA``; the window is added.
    pane : str
        ``price`` over the bars, ``own`` below them.
    unit : str
        Of its values: ``usd`` or ``index``.
    window : int
        By default; 0 where none can be chosen.
    outputs : tuple of ChartedOutput
        The lines, in order; the first output alone where it is empty.
    """

    title: str
    pane: Pane
    unit: str
    window: int = 0
    outputs: tuple[ChartedOutput, ...] = ()


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
    flat : tuple of float or str
        Each output after the warm-up while no price moves: a number, ``price`` or ``volume`` for that of the bars,
        or a number of prices, ``20 price``. NaN where there is never a value.
    chart : ChartStyle or None
        How the chart of an asset draws it; None where it does not.
    """

    function: Callable[..., Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    warmups: Callable[..., tuple[int, ...]]
    formula: str
    source: str
    flat: tuple[float | str, ...]
    exact: bool = True
    chart: ChartStyle | None = None

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
        """Return the bars before every output has its first value, with the defaults where none is given.

        Returns
        -------
        int
            Bars: the longest warm-up of all outputs.
        """
        return max(self.warmups(**{**self.parameters, **parameters}))
