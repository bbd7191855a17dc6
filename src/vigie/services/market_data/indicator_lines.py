"""Indicators chosen by words, drawn as lines over or below the price.

Takes bars and words such as ``sma_50,bollinger_20_2.5,macd``: a name, then values of its parameters in their order,
the rest as usual. Gives one array a line, NaN where not known yet. Each indicator's own file says whether and how it is
drawn (`vigie.quant.indicators._spec.ChartStyle`).
"""

from __future__ import annotations

import re
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
LEAST, MOST = 0.1, 10.0
_NUMBER: Final = re.compile(r"\d{1,4}(\.\d{1,3})?", re.ASCII)

# The values of an indicator's parameters, by name, in the order of the function's.
Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class IndicatorLine:
    """Values of one line over the bars it was made of; `indicator` is the word that asks for it and its sisters."""

    name: str
    indicator: str
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

    def parse(self, text: str) -> Mapping[str, tuple[str, Parameters]]:
        """Return what words ask for, each once and in order: by its shortest word the name and the parameters.

        Raises
        ------
        UsageError
            If a word names no indicator, a value is none the indicator takes, or there are too many.
        """
        chosen: dict[str, tuple[str, Parameters]] = {}
        for word in (part.strip().lower() for part in text.split(",")):
            if word:
                name, parameters = self._parse_word(word)
                chosen[_shortest_word(name, parameters, self.usual(name))] = (name, parameters)
        if len(chosen) > MAX_INDICATORS:
            raise UsageError(
                "lines_must_most",
                "lines must be at most {max_indicators}, were {chosen_count}",
                max_indicators=MAX_INDICATORS,
                chosen_count=len(chosen),
            )
        return chosen

    def lines(self, bars: Bars, text: str) -> list[IndicatorLine]:
        """Return the lines that words ask for, over all bars given.

        Raises
        ------
        UsageError
            As `parse`, and if values do not go together.
        """
        styles = self.styles()
        return [
            line
            for word, (name, parameters) in self.parse(text).items()
            for line in _lines_of(self.by_name[name], styles[name], bars, word, parameters)
        ]

    def usual(self, name: str) -> Parameters:
        """Return the parameters of an indicator as the chart draws it unless told otherwise."""
        indicator = self.by_name[name]
        window = indicator.chart.window if indicator.chart is not None else 0
        return {**indicator.parameters, **({"window": window} if window else {})}

    def _parse_word(self, word: str) -> tuple[str, Parameters]:
        name, texts = self._split(word)
        parameters = dict(self.usual(name))
        for (parameter, usual), text in zip(parameters.items(), texts, strict=False):
            is_whole = isinstance(usual, int)
            value = int(text) if is_whole and text.isdecimal() else float(text)
            shortest, longest = limits(usual)
            if is_whole != isinstance(value, int) or not shortest <= value <= longest:
                raise UsageError(
                    "bad_window",
                    "{parameter} of {name} must be {shortest}..{longest}, was {value}",
                    parameter=parameter,
                    name=name,
                    shortest=shortest,
                    longest=longest,
                    value=text,
                )
            parameters[parameter] = value
        return name, parameters

    def _split(self, word: str) -> tuple[str, list[str]]:
        """Return the name in a word and the values after it; a name may hold the sign itself, the longest is meant."""
        styles = self.styles()
        fitting = [name for name in styles if word == name or word.startswith(f"{name}_")]
        name = max(fitting, key=len, default="")
        texts = word[len(name) + 1 :].split("_") if word != name else []
        if name and len(texts) <= len(self.usual(name)) and all(_NUMBER.fullmatch(text) for text in texts):
            return name, texts
        raise UsageError(
            "lines_must_use",
            "lines must use {indicators}, such as sma_50, was {word!r}",
            indicators=" ".join(styles),
            word=word,
        )


def limits(usual: float) -> tuple[float, float]:
    """Return the least and the most that a parameter of this usual value may be."""
    return (SHORTEST, LONGEST) if isinstance(usual, int) else (LEAST, MOST)


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


def _shortest_word(name: str, parameters: Parameters, usual: Parameters) -> str:
    """Return the word for an indicator: a window always, other values only as far as they are not the usual ones."""
    values = list(parameters.items())
    while values and values[-1][0] != "window" and values[-1][1] == usual[values[-1][0]]:
        values.pop()
    return "_".join([name, *(f"{value:g}" for _, value in values)])


def _lines_of(
    indicator: Indicator, style: ChartStyle, bars: Bars, word: str, parameters: Parameters
) -> Iterator[IndicatorLine]:
    title = " ".join([style.title, *word[len(indicator.name) + 1 :].split("_")]).strip()
    columns = [bars.close if name == "values" else getattr(bars, name) for name in indicator.inputs]
    result = indicator.function(*columns, **parameters)
    outputs = result if isinstance(result, tuple) else (result,)
    by_output = dict(zip(indicator.outputs, outputs, strict=True))
    for charted_output in style.outputs or (ChartedOutput(indicator.outputs[0]),):
        yield IndicatorLine(
            f"{word}_{charted_output.key}" if charted_output.key else word,
            word,
            f"{title} {charted_output.label}".strip(),
            style.pane,
            style.unit,
            by_output[charted_output.output],
        )
