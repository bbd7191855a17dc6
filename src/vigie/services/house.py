"""Everything an operation may reach, in one record; `bootstrap` fills it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from vigie.data.desk import DataDesk
from vigie.data.shelf import Shelf
from vigie.domain.errors import UsageError
from vigie.ports.accounts import Accounts
from vigie.ports.alerts import Alerts
from vigie.ports.audit import Audit
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import Directory
from vigie.ports.documents import DocumentStore
from vigie.ports.facts import FactStore
from vigie.ports.first_sights import FirstSightStore
from vigie.ports.home import ResultsHome
from vigie.ports.items import ItemStore
from vigie.ports.jobs import JobQueue
from vigie.ports.mailbox import Mailbox
from vigie.ports.names import NameStore
from vigie.ports.newsstand import Newsstand
from vigie.ports.notifier import Post
from vigie.ports.printing import NoPrinter, Printer
from vigie.ports.quotes import QuoteStore
from vigie.ports.registers import RegisterStore
from vigie.ports.runs import RunIndex
from vigie.ports.tradebook import TradeBook
from vigie.ports.vitals import Vitals
from vigie.services.alerting.lookback import Lookback
from vigie.services.judging.descriptions import Descriptions
from vigie.services.measuring.gauge import Gauge
from vigie.services.trading.folds import Folds

if TYPE_CHECKING:
    from vigie.services.backups.backup import Depot


def _no_depot() -> AbstractContextManager[Depot]:
    raise UsageError("this home cannot be backed up")


@dataclass(frozen=True, slots=True)
class House:
    """The stores and the clock of one home.

    Attributes
    ----------
    is_simulated : bool
        Whether this home holds a simulated world; pages, exports and mail say so.
    settings : callable
        Gives (key, shown value, where it came from) of every setting, secrets masked.
    hidden : callable
        Gives every secret of the settings, for masking; nothing else may use it.
    directory : Directory
        What every connector says of itself.
    folds : Folds
        Logs of trading accounts, folded; of this process alone.
    lookback : Lookback
        What rules would have told lately; of this process alone.
    vitals : Vitals
        How the home does, for those who watch it.
    post : Post
        How messages go out.
    printer : Printer
        Makes files that are read on paper.
    depot : callable
        Opens what a backup of this home needs.
    mailbox : Mailbox or None
        Mails that the demonstration's own server took; None elsewhere.
    newsstand : Newsstand or None
        Articles of the demonstration's newsroom; None elsewhere.
    about : mapping
        What the process says of itself: version, addresses, parts.
    """

    data: DataDesk
    shelf: Shelf
    gauge: Gauge
    results: ResultsHome
    facts: FactStore
    quotes: QuoteStore
    bookmarks: SourceBookmarks
    jobs: JobQueue
    runs: RunIndex
    accounts: Accounts
    audit: Audit
    documents: DocumentStore
    trades: TradeBook
    items: ItemStore
    alerts: Alerts
    registers: RegisterStore
    names: NameStore
    first_sights: FirstSightStore
    clock: Clock
    is_simulated: bool = False
    settings: Callable[[], list[tuple[str, str, str]]] = list
    hidden: Callable[[], Sequence[str]] = field(default=list, repr=False)
    directory: Directory = field(default_factory=Directory)
    folds: Folds = field(default_factory=Folds)
    lookback: Lookback = field(default_factory=Lookback)
    descriptions: Descriptions = field(default_factory=Descriptions)
    vitals: Vitals = field(default_factory=Vitals)
    post: Post = field(default_factory=Post)
    printer: Printer = field(default_factory=NoPrinter)
    depot: Callable[[], AbstractContextManager[Depot]] = _no_depot
    mailbox: Mailbox | None = None
    newsstand: Newsstand | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
