"""Every sentence of the report: English here, others in the catalogue; `ReportTexts` says them.

A key with ``.one`` beside ``.many`` is chosen by a count.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from vigie.catalogue import NamedTexts, complete_languages, format_day, is_singular
from vigie.domain.errors import UsageError
from vigie.research.report.numbers import ReportNumberFormat, report_numbers, span_parts
from vigie.research.report.texts.en import TEXTS as _EN

TEXTS: Final = NamedTexts("report", _EN)
_BEFORE_MARK: Final = re.compile(r" ([:;?!%»])")


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """What the report says in one language, and how it writes numbers.

    Attributes
    ----------
    language : str
        Its code.
    texts : mapping of str to str
        Sentences by key.
    style : ReportNumberFormat
        Number formats.
    """

    language: str
    texts: Mapping[str, str]
    style: ReportNumberFormat

    def say(self, key: str, **values: object) -> str:
        """Return a sentence with its values.

        Parameters
        ----------
        key : str
            As in `texts`; an unknown one raises KeyError.
        **values : object
            Of the sentence's places; numbers already written.

        Returns
        -------
        str
            With the language's no-break spaces.
        """
        text = self.texts[key].format(**values)
        if self.language != "en":
            return _BEFORE_MARK.sub("\u00a0\\1", text).replace("« ", "«\u00a0")
        return text

    def day(self, ts: int) -> str:
        """Return the UTC day of a time as a sentence of the language has it.

        Parameters
        ----------
        ts : int
            Epoch milliseconds UTC.

        Returns
        -------
        str
            ``30 Nov 2026``, ``1er déc. 2026``.
        """
        return format_day(datetime.fromtimestamp(ts / 1_000, UTC), self.language)

    def count(self, key: str, n: int, **values: object) -> str:
        """Return a sentence about `n` things, the count written as a number.

        Parameters
        ----------
        key : str
            Without ``.one`` or ``.many``.
        n : int
            Fills the place ``n``; chooses the form by the language's plural rule.
        **values : object
            Of the other places.

        Returns
        -------
        str
            In singular or plural.
        """
        form = "one" if is_singular(self.language, n) else "many"
        return self.say(f"{key}.{form}", n=self.style.number(n, 0), **values)

    def has(self, key: str) -> bool:
        """Return whether there is such a sentence.

        Parameters
        ----------
        key : str
            As `say` takes it.

        Returns
        -------
        bool
            False also for the bare key of a pair ``.one`` and ``.many``.
        """
        return key in self.texts

    def span(self, duration_ms: float) -> str:
        """Write a duration in days, hours or minutes.

        Parameters
        ----------
        duration_ms : float
            Milliseconds; NaN gives a dash.

        Returns
        -------
        str
            One unit, rounded: ``3 days``.
        """
        if duration_ms != duration_ms:
            return self.style.number(duration_ms)
        value, unit = span_parts(duration_ms)
        return self.count(f"span.{unit}", round(value))


def report_texts(language: str) -> ReportTexts:
    """Return the words of a language.

    Parameters
    ----------
    language : str
        ``en``, ``fr``; only languages with every text.

    Returns
    -------
    ReportTexts
        Sentences and number formats.

    Raises
    ------
    UsageError
        If the report does not speak it.
    """
    spoken = complete_languages()
    if language not in spoken:
        raise UsageError(
            "unknown_language",
            "language must be one of {languages}, was {language!r}",
            languages=" ".join(spoken),
            language=language,
        )
    return ReportTexts(language, TEXTS[language], report_numbers(language))
