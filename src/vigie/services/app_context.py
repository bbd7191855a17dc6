"""Everything an operation may reach, in one record; `vigie.wiring` fills it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from vigie.data.bar_reader import BarReader
from vigie.data.request_memo import NO_MEMO, RequestMemo
from vigie.data.stores import DataStores
from vigie.domain.errors import UsageError
from vigie.domain.order_caps import OrderCaps
from vigie.ports.accounts import UserStore
from vigie.ports.address_balances import AddressBalanceReader, NoBalanceReader
from vigie.ports.alerts import AlertStore
from vigie.ports.audit import AuditLog
from vigie.ports.bookmarks import SourceBookmarks
from vigie.ports.clock import Clock
from vigie.ports.connectors import ConnectorDirectory
from vigie.ports.documents import DocumentStore
from vigie.ports.evm_balances import EvmBalanceReader, NoEvmBalanceReader
from vigie.ports.facts import FactStore
from vigie.ports.first_sightings import FirstSightingStore
from vigie.ports.health import HomeHealth
from vigie.ports.holding_addresses import HoldingAddressSeal, HoldingAddressStore
from vigie.ports.holding_links import HoldingLinkStore
from vigie.ports.holdings import HoldingStore
from vigie.ports.home import HiddenValues, HomeFolder, IsSimulated, ResultsHome, ShownSettings
from vigie.ports.items import ItemStore
from vigie.ports.jobs import JobQueue
from vigie.ports.learned_models import LearnedModels
from vigie.ports.mailbox import DemoMailbox
from vigie.ports.names import NameStore
from vigie.ports.newsstand import Newsstand
from vigie.ports.notifier import Notifiers
from vigie.ports.outside import OutsideStore
from vigie.ports.outside_addresses import (
    NoAddressSeal,
    NoFillReader,
    OutsideAddressSeal,
    OutsideFillReader,
)
from vigie.ports.plan_notices import PlanNoticeStore
from vigie.ports.plans import PlanStore
from vigie.ports.plugins import PluginDirectory
from vigie.ports.printing import NoPrinter, Printer
from vigie.ports.programs import Programs
from vigie.ports.quotes import QuoteStore
from vigie.ports.registers import RegisterStore
from vigie.ports.reported import ReportedStore
from vigie.ports.reports import NoReportPrinter, ReportPrinter
from vigie.ports.run_files import RunFileStore
from vigie.ports.runs import RunIndex
from vigie.ports.setup_notices import SetupNoticeStore
from vigie.ports.setups import SetupStore
from vigie.ports.tradebook import TradeBook
from vigie.services.caches.account_views import AccountViewCache
from vigie.services.caches.alert_previews import PreviewCache
from vigie.services.caches.asset_metrics import AssetMetricsCache
from vigie.services.caches.ended_setups import EndedSetupCache
from vigie.services.caches.holding_books import HoldingBookCache
from vigie.services.caches.own_pasts import OwnPastCache
from vigie.services.caches.setup_records import SetupRecordCache
from vigie.services.caches.strategy_pages import StrategyPageCache
from vigie.services.caches.valuations import ValuationCache
from vigie.services.slow_readings import SlowReadings

if TYPE_CHECKING:
    from vigie.services.backups.backup import BackupContext


class OpenBackup(Protocol):
    """Opens backups of this home."""

    def __call__(self) -> AbstractContextManager[BackupContext]:
        """Open what a backup needs."""


def _no_backup_context() -> AbstractContextManager[BackupContext]:
    raise UsageError("installation_cannot_backed_up", "this installation cannot be backed up")


@dataclass(frozen=True, slots=True)
class AppContext:
    """The stores and the clock of one home; operations name the types of these fields (`vigie.services.needs`).

    Attributes
    ----------
    order_caps : OrderCaps
        What the settings let accounts order.
    directory : ConnectorDirectory
        What every connector says of itself.
    account_views : AccountViewCache
        Logs of trading accounts, folded; of this process alone.
    preview_cache : PreviewCache
        What rules would have told lately; of this process alone.
    own_pasts : OwnPastCache
        What figures usually are; of this process alone.
    setup_records : SetupRecordCache
        Records of setups as they were computed last; of this process alone.
    valuations : ValuationCache
        Valuations as they were computed last; of this process alone.
    ended_setups : EndedSetupCache
        Setups that ended, as far as they were read; of this process alone.
    holding_books : HoldingBookCache
        Holdings as they were booked last; of this process alone.
    home_health : HomeHealth
        How the home does, for those who watch it.
    plugins : PluginDirectory
        Plug-ins that do not come with Vigie.
    programs : Programs
        Which programs of the home may run unattended.
    notifiers : Notifiers
        How messages go out.
    printer : Printer
        Makes files that are read on paper.
    report_printer : ReportPrinter
        Makes PDF files of reports.
    fill_reader : OutsideFillReader
        Reads the fills of addresses.
    address_seal : OutsideAddressSeal
        Encrypts those addresses with the home's key.
    holding_seal : HoldingAddressSeal
        Encrypts addresses of what people own; what it sealed opens as no other address.
    bitcoin_balances : AddressBalanceReader
        Asks a host what lies at a Bitcoin address.
    ethereum_balances : EvmBalanceReader
        Asks a host what lies at an address of Ethereum.
    slow_readings : SlowReadings
        What waits for hosts that may be slow; of this process alone.
    memo : RequestMemo
        What a page reads once; keeps nothing elsewhere.
    mailbox : DemoMailbox or None
        Mails that the demonstration's own server took; None elsewhere.
    newsstand : Newsstand or None
        Articles of the demonstration's newsroom; None elsewhere.
    """

    data: DataStores
    bar_reader: BarReader
    asset_metrics: AssetMetricsCache
    results: ResultsHome
    facts: FactStore
    quotes: QuoteStore
    bookmarks: SourceBookmarks
    jobs: JobQueue
    runs: RunIndex
    accounts: UserStore
    audit: AuditLog
    documents: DocumentStore
    trades: TradeBook
    items: ItemStore
    alerts: AlertStore
    registers: RegisterStore
    names: NameStore
    first_sightings: FirstSightingStore
    setups: SetupStore
    plans: PlanStore
    plan_notices: PlanNoticeStore
    outside: OutsideStore
    setup_notices: SetupNoticeStore
    run_files: RunFileStore
    holdings: HoldingStore
    holding_addresses: HoldingAddressStore
    holding_links: HoldingLinkStore
    reported: ReportedStore
    learned_models: LearnedModels
    programs: Programs
    clock: Clock
    home: HomeFolder
    is_simulated: IsSimulated = IsSimulated(False)  # noqa: RUF009 - a plain bool
    settings: ShownSettings = list
    order_caps: OrderCaps = field(default_factory=OrderCaps)
    hidden: HiddenValues = field(default=list, repr=False)
    directory: ConnectorDirectory = field(default_factory=ConnectorDirectory)
    account_views: AccountViewCache = field(default_factory=AccountViewCache)
    preview_cache: PreviewCache = field(default_factory=PreviewCache)
    own_pasts: OwnPastCache = field(default_factory=OwnPastCache)
    setup_records: SetupRecordCache = field(default_factory=SetupRecordCache)
    ended_setups: EndedSetupCache = field(default_factory=EndedSetupCache)
    holding_books: HoldingBookCache = field(default_factory=HoldingBookCache)
    descriptions: StrategyPageCache = field(default_factory=StrategyPageCache)
    valuations: ValuationCache = field(default_factory=ValuationCache)
    home_health: HomeHealth = field(default_factory=HomeHealth)
    plugins: PluginDirectory = field(default_factory=PluginDirectory)
    notifiers: Notifiers = field(default_factory=Notifiers)
    printer: Printer = field(default_factory=NoPrinter)
    report_printer: ReportPrinter = field(default_factory=NoReportPrinter)
    fill_reader: OutsideFillReader = field(default_factory=NoFillReader)
    address_seal: OutsideAddressSeal = field(default_factory=NoAddressSeal)
    holding_seal: HoldingAddressSeal = field(default_factory=NoAddressSeal)
    bitcoin_balances: AddressBalanceReader = field(default_factory=NoBalanceReader)
    ethereum_balances: EvmBalanceReader = field(default_factory=NoEvmBalanceReader)
    slow_readings: SlowReadings = field(default_factory=SlowReadings)
    memo: RequestMemo = NO_MEMO
    open_backup_context: OpenBackup = _no_backup_context
    mailbox: DemoMailbox | None = None
    newsstand: Newsstand | None = None
    # What operations need, by name, found once.
    resolved: dict[str, tuple[object, ...]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def for_request(self) -> AppContext:
        """Return the same for one request that only reads: what many of its parts ask for is read once."""
        return replace(self, bar_reader=self.bar_reader.for_request(), memo=self.memo.for_request())
