"""What a report says besides the run itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vigie.quant.stats.verdict import Verdict


@dataclass(frozen=True, slots=True)
class ReportChange:
    """One thing that is not as in the last run of the same configuration.

    Attributes
    ----------
    what : str
        Name of a file, setting or figure.
    before, now : str
        Its two values as text.
    """

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class ReportNotes:
    """What a report says besides the run itself.

    Attributes
    ----------
    title : str
        Heading of the page.
    is_simulated : bool
        Whether the bars were made by the simulated market; then the page says so everywhere.
    settings : mapping of str to str
        Everything that was set, in the order shown.
    data_fingerprint, version, decision_hash : str
        Of the bars, of the package, and of all decisions.
    verdict : Verdict or None
        None where none was computed.
    verdict_on : str
        What was judged, such as the slot with the best Sharpe ratio.
    changes : tuple of ReportChange or None
        Since the last run of the same configuration, empty where nothing changed; None where that is not told.
    previous : str
        Name or time of that run.
    files : tuple of str
        What was written beside the report.
    made_ts : int or None
        When, epoch milliseconds UTC; None leaves it out, so that equal runs give equal files.
    """

    title: str
    is_simulated: bool
    settings: Mapping[str, str] = field(default_factory=dict)
    data_fingerprint: str = ""
    version: str = ""
    decision_hash: str = ""
    verdict: Verdict | None = None
    verdict_on: str = ""
    changes: tuple[ReportChange, ...] | None = None
    previous: str = ""
    files: tuple[str, ...] = ()
    made_ts: int | None = None
