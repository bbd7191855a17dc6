"""The letter about what a person holds: a week or a month in sentences, one lesson, one thing to do."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from typing import Final

from pydantic import Field

from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.intelligence.holdings.letter import (
    LetterSpan,
)
from vigie.ports.home import IsSimulated
from vigie.ports.reports import ReportPrinter
from vigie.services.alerting.letter_mail import LetterMailSources, letter_file, letter_mail
from vigie.services.alerting.own_mail import confirmed_mail, send_now
from vigie.services.holdings.holding_book import HoldingSources
from vigie.services.holdings.letter_making import LetterRequest, make_letter
from vigie.services.holdings.letter_report import letter_report
from vigie.services.holdings.letter_rows import HoldingLetterTable
from vigie.services.holdings.simulated_mark import mark_simulated
from vigie.services.languages import Language
from vigie.services.market_data.valuations import ValuationSources
from vigie.services.operation import OperationResult, operation
from vigie.services.operations.alerts import require_owner
from vigie.services.operations.holding_worth import HoldingWorthInput
from vigie.services.people.accounts.throttle import use_allowance
from vigie.services.people.ownership import owner_of

# Valuations of so many coins, those of most worth, and so many dates.
MOST_VALUED: Final = 6
MOST_DATES: Final = 3
# Letters that one person may have mailed in an hour.
MAX_SENT_PER_HOUR: Final = 6
_EPISODE_DAYS: Final = 30
_EPOCH: Final = date(1970, 1, 1)


class HoldingLetterInput(HoldingWorthInput):
    """Which period, in which currency and language."""

    span: LetterSpan = Field("week", description="`week`: seven days; `month`: thirty.")
    last: str = Field("", max_length=40, description="Its last day, 2024-12-31; empty: today.")
    language: Language = Field("en", description="Of the sentences.")


class HoldingLetterPdf(OperationResult):
    """A letter as a PDF: `content` in base64."""

    name: str
    size: int
    content: str


class HoldingLetterSent(OperationResult):
    """Which letter was sent, and where to."""

    title: str
    addresses: list[str]


@operation("holdings.letter", example={"span": "week"})
def read_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    printer: ReportPrinter,
) -> HoldingLetterTable:
    """Read a letter about what you own: worth, what moved it, valuations, what comes, one lesson, one thing to do."""
    return make_letter(_request(caller, params, sources, printer), sources, valuations)


@operation("holdings.letter_pdf", example={"span": "week"})
def print_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    printer: ReportPrinter,
    is_simulated: IsSimulated,
) -> HoldingLetterPdf:
    """Read a letter about what you own as an accessible PDF."""
    told = make_letter(_request(caller, params, sources, printer), sources, valuations)
    content = printer.report_pdf(mark_simulated(letter_report(told), is_simulated))
    return HoldingLetterPdf(
        name=letter_file(told),
        size=len(content),
        content=b64encode(content).decode(),
    )


@operation("holdings.send_letter", scope="write", example={"span": "week"})
def send_holding_letter(
    caller: Caller,
    params: HoldingLetterInput,
    sources: HoldingSources,
    valuations: ValuationSources,
    mail: LetterMailSources,
) -> HoldingLetterSent:
    """Send a letter about what you own, with its PDF where one is made, to your confirmed mail addresses now."""
    owner = require_owner(caller)
    channels = confirmed_mail(mail.alerts, owner)
    told = make_letter(_request(caller, params, sources, mail.printer), sources, valuations)
    if not use_allowance(sources.accounts, sources.clock, f"letter/{owner}", MAX_SENT_PER_HOUR):
        raise UsageError(
            "most_letters_sent_per_hour",
            "at most {max_sent_per_hour} letters are sent per hour; wait and try again",
            max_sent_per_hour=MAX_SENT_PER_HOUR,
        )
    for channel in channels:
        send_now(mail.notifiers, letter_mail(mail, told, channel.address), "letter")
    return HoldingLetterSent(title=told.title, addresses=[channel.address for channel in channels])


def _request(
    caller: Caller, params: HoldingLetterInput, sources: HoldingSources, printer: ReportPrinter
) -> LetterRequest:
    return LetterRequest(
        owner_of(sources.accounts, caller),
        params.span,
        params.last,
        params.language,
        params.currency,
        printer.is_ready,
    )
