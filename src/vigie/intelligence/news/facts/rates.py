"""What span of time a figure is of: «40,000 customers per month», «3 % par an», «a monthly fee of»."""

from __future__ import annotations

import re
from typing import Final

from vigie.intelligence.news.facts.placed_figure import PlacedFigure

_SPANS: Final = {
    "second": "seconds?|secondes?", "minute": "minutes?", "hour": "hours?|hourly|heures?|horaires?",
    "day": "days?|daily|jours?|quotidien(?:ne)?s?|journali[èe]re?s?",
    "week": "weeks?|weekly|semaines?|hebdomadaires?", "month": "months?|monthly|mois|mensuel(?:le)?s?|mensuellement",
    "quarter": "quarters?|quarterly|trimestres?|trimestriel(?:le)?s?",
    "year": "years?|yearly|annual(?:ly|i[sz]ed)?|annum|ans?|ann[ée]es?|annuel(?:le)?s?|annuellement",
}  # fmt: skip
_ALL: Final = "|".join(f"(?P<{span}>(?:{form})(?![^\\W_]))" for span, form in _SPANS.items())
# After the figure and what it counts; «a year earlier» is when, not how often.
_AFTER: Final = re.compile(
    rf"(?:[-\s\u00a0]+[^\W\d_]+){{0,4}}?[,\s\u00a0]+(?P<led>(?:per|an?|each|every|par|chaque)[\s\u00a0]+)?(?:{_ALL})"
    r"(?! (?:earlier|ago|later|before|after|on year|plus t[ôo]t|auparavant|plus tard))",
    re.IGNORECASE,
)
_BEFORE: Final = re.compile(rf"(?:{_ALL})(?:[-\s\u00a0]+[^\W\d_]+){{0,3}}[\s\u00a0]*$", re.IGNORECASE)
_ADVERBS: Final = re.compile(
    r"(?:ly|annual|i[sz]ed|iel|iels|ielle|ielles|uel|uels|uelle|uelles|uellement|aires?|ien|ienne)$"
)
_FAR: Final = 48


def rate_of(placed: PlacedFigure) -> tuple[str, str]:
    """Return the span of time that a figure is of, and its words; nothing of a figure that is of none."""
    text, figure = placed.sentence.tokens.text, placed.figure
    after = _AFTER.match(text[figure.end : figure.end + _FAR])
    if after is not None and (after["led"] or _is_adverb(after)):
        return _span_name(after), text[figure.end : figure.end + after.end()].strip()
    before = _BEFORE.search(text[max(0, figure.start - _FAR) : figure.start])
    if before is not None and _is_adverb(before):
        return _span_name(before), before.group().strip()
    return "", ""


def _span_name(match: re.Match[str]) -> str:
    return next(span for span in _SPANS if match[span])


def _is_adverb(match: re.Match[str]) -> bool:
    return _ADVERBS.search(match[_span_name(match)].lower()) is not None
