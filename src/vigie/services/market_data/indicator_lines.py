"""Indicators chosen by words, drawn as lines over or below the price.

Takes bars and words such as ``sma_50,bollinger,rsi_14``; gives one array a line, NaN where not known yet. Each
indicator's own file says whether and how it is drawn (`vigie.quant.indicators._spec.ChartStyle`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.ports.plugins import PluginDirectory
from vigie.quant.indicators import charted
from vigie.quant.indicators._spec import ChartedOutput, ChartStyle, Indicator, Pane

# Of one chart; more cannot be told apart.
MAX_INDICATORS: Final = 6
SHORTEST, LONGEST = 2, 400


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorLine:
    """Values of one line over the bars it was made of."""

    name: str
    title: str
    pane: Pane
    unit: str
    values: FloatArray


@dataclass(frozen=True, slots=True)
class ChartIndicators:
    """The indicators that the chart draws: those that come with Vigie, and those of allowed plug-ins.

    Attributes
    ----------
    by_name : mapping of str to Indicator
        Those over the price first.
    """

    by_name: Mapping[str, Indicator]

    def styles(self) -> Mapping[str, ChartStyle]:
        """Return how each is drawn, by name."""
        return {name: item.chart for name, item in self.by_name.items() if item.chart is not None}

    def parse(self, text: str) -> list[tuple[str, int]]:
        """Return the kinds and windows that words ask for, in order, each once.

        Raises
        ------
        UsageError
            If a word names no indicator or there are too many.
        """
        chosen: dict[tuple[str, int], None] = {}
        for word in (part.strip().lower() for part in text.split(",")):
            if word:
                chosen[self._parse_word(word)] = None
        if len(chosen) > MAX_INDICATORS:
            raise UsageError(
                "lines_must_most",
                "lines must be at most {max_indicators}, were {chosen_count}",
                max_indicators=MAX_INDICATORS,
                chosen_count=len(chosen),
            )
        return list(chosen)

    def lines(self, bars: Bars, text: str) -> list[IndicatorLine]:
        """Return the lines that words ask for, over all bars given.

        Raises
        ------
        UsageError
            As `parse`.
        """
        styles = self.styles()
        return [
            line
            for name, window in self.parse(text)
            for line in _lines_of(self.by_name[name], styles[name], bars, window)
        ]

    def _parse_word(self, word: str) -> tuple[str, int]:
        styles = self.styles()
        # A name may hold the sign itself: the longest that fits is meant.
        name, window = word, ""
        if word not in styles:
            name, _, window = word.rpartition("_")
        if name not in styles or (window and not window.isdecimal()):
            raise UsageError(
                "lines_must_use",
                "lines must use {indicators}, such as sma_50, was {word!r}",
                indicators=" ".join(styles),
                word=word,
            )
        style = styles[name]
        n_bars = int(window[:9]) if window and style.window else style.window
        if style.window and not SHORTEST <= n_bars <= LONGEST:
            raise UsageError(
                "bad_window",
                "window of {name} must be {shortest}..{longest}, was {n_bars}",
                name=name,
                shortest=SHORTEST,
                longest=LONGEST,
                n_bars=n_bars,
            )
        return name, n_bars


def chart_indicators(plugins: PluginDirectory) -> ChartIndicators:
    """Return the indicators that the chart draws; one from outside never takes the place of one of Vigie's."""
    outside = {
        item.name: item
        for program in plugins.programs("indicator")
        for item in program.INDICATORS
        if isinstance(item, Indicator) and item.chart is not None
    }
    return ChartIndicators(
        dict(charted()) | {name: outside[name] for name in sorted(outside.keys() - charted())}
    )


def _lines_of(indicator: Indicator, style: ChartStyle, bars: Bars, window: int) -> Iterator[IndicatorLine]:
    title = f"{style.title} {window}" if window else style.title
    key = f"{indicator.name}_{window}" if window else indicator.name
    columns = [bars.close if name == "values" else getattr(bars, name) for name in indicator.inputs]
    result = indicator.function(*columns, **({"window": window} if window else {}))
    outputs = result if isinstance(result, tuple) else (result,)
    by_output = dict(zip(indicator.outputs, outputs, strict=True))
    for charted_output in style.outputs or (ChartedOutput(indicator.outputs[0]),):
        line_key = f"{key}_{charted_output.key}" if charted_output.key else key
        yield IndicatorLine(
            line_key,
            f"{title} {charted_output.label}".strip(),
            style.pane,
            style.unit,
            by_output[charted_output.output],
        )
