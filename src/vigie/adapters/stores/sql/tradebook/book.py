"""The durable record of trading accounts; keeps the contract of `vigie.ports.tradebook.TradeBook`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, cast, get_args

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from vigie.adapters.stores.sql.audit import SqlAuditLog
from vigie.adapters.stores.sql.sql_store import SqlStore
from vigie.adapters.stores.sql.tables import AuditEventRow
from vigie.adapters.stores.sql.tradebook import booking, intents, leases
from vigie.adapters.stores.sql.tradebook import limits as losses
from vigie.adapters.stores.sql.tradebook.tables import FillRow, FundingRow, TradeAccountRow, TradeRunRow
from vigie.domain.errors import Conflict, InvariantBroken, NotFound, UsageError
from vigie.domain.order import Fill, FundingPayment, Lease, TradeRun, TradeStep, TradingState
from vigie.ports.trade_log import KnownIntent
from vigie.ports.tradebook import AuditNote, LimitLift, TradeChange

_RUN_FIELDS: Final = tuple(TradeRun.__dataclass_fields__)
_PAGE_STEPS: Final = 1_000
_STATE_KIND: Final = "trade.state"
# By who may still send orders: everybody, exits, the closing of everything, nobody.
_STRICTNESS: Final[tuple[TradingState, ...]] = ("active", "reducing", "flat", "halted")
# Made once: who trades asks at every bar, and making a query takes longer than the database does.
_LAST_ORDER_QUERY: Final = select(func.max(AuditEventRow.seq)).where(
    AuditEventRow.kind == _STATE_KIND, AuditEventRow.subject == bindparam("of")
)
_RUNS_QUERY: Final = select(TradeRunRow.__table__).order_by(TradeRunRow.ts, TradeRunRow.id)
_RUNS_OF_QUERY: Final = _RUNS_QUERY.where(TradeRunRow.owner == bindparam("owner"))
_PRESENT_QUERY: Final = (
    select(TradeRunRow.__table__)
    .join(TradeAccountRow, TradeAccountRow.run == TradeRunRow.id)
    .order_by(TradeRunRow.account)
)
_PRESENT_OF_QUERY: Final = _PRESENT_QUERY.where(TradeRunRow.owner == bindparam("owner"))
_RUN_QUERY: Final = select(TradeRunRow.__table__).where(TradeRunRow.id == bindparam("of"))


class SqlTradeBook(SqlStore):
    """Trading accounts in the database: what a change holds becomes true together, with its audit records."""

    __slots__ = ()

    def run(self, account: str) -> TradeRun | None:
        """Return the account's present run."""
        with self.database.reading() as connection:
            row = leases.find_account(connection, account)
            return None if row is None or row.run is None else _find_run(connection, row.run)

    def begin(
        self,
        run: TradeRun,
        *,
        money: str = "",
        steps: Sequence[TradeStep] = (),
        notes: Sequence[AuditNote] = (),
    ) -> None:
        """Store a new run with the first steps of its log, durably; it is the account's present one from now on.

        Raises
        ------
        Conflict
            If the account is somebody else's.
        InvariantBroken
            If another run has this id.
        """
        with self._writing_account(run.account) as connection:
            row = leases.ensure_account(connection, run.account)
            if row.owner not in ("", run.owner):
                raise Conflict(
                    "account_belongs_another_user",
                    "account {account} belongs to another user; choose another name",
                    account=run.account,
                )
            before = _find_run(connection, run.id)
            if before is None:
                connection.execute(
                    insert(TradeRunRow).values({name: getattr(run, name) for name in _RUN_FIELDS})
                )
            elif before != run:
                raise InvariantBroken(
                    "run_already_exists_other_content",
                    "run {id} already exists with other content",
                    id=run.id,
                )
            change = update(TradeAccountRow).where(TradeAccountRow.account == run.account)
            connection.execute(change.values(owner=run.owner, run=run.id))
            if before is None:
                booking.add_steps(connection, run.id, steps)
                losses.note_money(connection, run.id, money)
                text = {"venue": run.venue, "mode": run.mode, "plan": run.plan, "capital": str(run.capital)}
                mark = {"is_replayed": True} if run.is_replayed else {}
                self._add_audit_record(
                    connection, run.owner, "trade.run", run.account, {"run": run.id, **text, **mark}
                )
                for note in notes:
                    self._add_audit_record(connection, run.owner, note.kind, note.subject, note.text)

    def take(
        self,
        account: str,
        holder: str,
        *,
        for_s: float,
        by_force: bool = False,
        expired: Lease | None = None,
    ) -> Lease:
        """Take the lease of an account with a higher token; `Conflict` where somebody else holds it."""
        with self._writing_account(account) as connection:
            row = leases.ensure_account(connection, account)
            now = self.clock.wall_now()
            lease = leases.take_lease(connection, row, holder, now, for_s, by_force=by_force, expired=expired)
            text = {"holder": holder, "token": lease.token, "by_force": by_force}
            self._add_audit_record(connection, row.owner, "trade.lease", account, text)
        return lease

    def keep(self, lease: Lease, *, for_s: float) -> Lease:
        """Make a lease last longer; `Conflict` where somebody took it."""
        with self._writing_account(lease.account, durable=False) as connection:
            row = leases.find_account(connection, lease.account)
            return leases.renew_lease(connection, row, lease, self.clock.wall_now(), for_s)

    def leave(self, lease: Lease) -> None:
        """Give a lease back."""
        with self._writing_account(lease.account, durable=False) as connection:
            leases.release_lease(connection, leases.find_account(connection, lease.account), lease)

    def holder(self, account: str) -> Lease | None:
        """Return the lease of who may trade an account now, None where nobody may."""
        with self.database.reading() as connection:
            row = leases.find_account(connection, account)
        if row is None or not leases.is_held(row, self.clock.wall_now()):
            return None
        return Lease(account, row.holder, row.token, row.ts_until)

    def commit(self, lease: Lease, change: TradeChange) -> int:
        """Write a change in one durable transaction and return the number of the run's last step.

        Raises
        ------
        Conflict
            Where the lease is not the newest any more, or its time is over: nothing was written.
        InvariantBroken
            Where the change contradicts what is written: nothing was written.
        """
        account = lease.account
        with self._writing_account(account) as connection:
            # Read after the lock was waited for: a lease may have ended meanwhile.
            row = leases.require_lease(leases.find_account(connection, account), lease, self.clock.wall_now())
            if row.run is None:
                raise InvariantBroken(
                    "account_no_run", "account {account} has no run; start one first", account=account
                )
            number = booking.add_steps(connection, row.run, change.steps)
            intents.add(connection, account, row.run, change.intents)
            intents.move(connection, account, change.moves)
            booking.book_entries(connection, FillRow, account, row.run, change.fills)
            booking.book_entries(connection, FundingRow, account, row.run, change.fundings)
            if change.state is not None:
                # A person's word stands until a person says otherwise; the process may only be stricter.
                state = max(change.state, row.ordered, key=_STRICTNESS.index)
                _set_state(connection, account, state=state)
            # Many subjects are instruments, which several accounts of one person may trade.
            notes = [(note.kind, note.subject, {**note.text, "account": account}) for note in change.notes]
            SqlAuditLog(self.database, self.clock).extend(connection, row.owner, notes)
        return number

    def steps(self, run: str, after: int = 0) -> Iterator[TradeStep]:
        """Return the run's log after a number, in order."""
        while page := self._read_page(run, after):
            yield from page
            after = page[-1].number

    def _read_page(self, run: str, after: int) -> list[TradeStep]:
        with self.database.reading() as connection:
            return booking.steps_after(connection, run, after, _PAGE_STEPS)

    def intent(self, intent_id: str) -> KnownIntent | None:
        """Return one intent."""
        with self.database.reading() as connection:
            return intents.find_intents(connection, [intent_id]).get(intent_id)

    def intents(self, run: str, *, open_only: bool = False) -> Sequence[KnownIntent]:
        """Return the intents of a run, oldest first."""
        with self.database.reading() as connection:
            return intents.read_run_intents(connection, run, open_only=open_only)

    def find_intents(self, ids: Iterable[str]) -> Mapping[str, KnownIntent]:
        """Return those intents of these ids that are written, by id."""
        with self.database.reading() as connection:
            return intents.find_intents(connection, ids)

    def changed_since(self, run: str, since: int) -> Sequence[KnownIntent]:
        """Return the intents of a run that were written or moved since a wall time, oldest first."""
        with self.database.reading() as connection:
            return intents.changed_since(connection, run, since)

    def newest(self, run: str, slot: str) -> KnownIntent:
        """Return what a slot meant last, but for what only closed what that left; `NotFound` where nothing yet."""
        with self.database.reading() as connection:
            return intents.newest_intent(connection, run, slot)

    def count_intents(self, run: str) -> int:
        """Return how many intents a run ever wrote."""
        with self.database.reading() as connection:
            return intents.count_intents(connection, run)

    def fills(self, run: str) -> Sequence[Fill]:
        """Return every booked fill of a run, oldest first."""
        with self.database.reading() as connection:
            return booking.read_booked(connection, FillRow, Fill, run)

    def fills_after(self, run: str, after: int) -> Sequence[Fill]:
        """Return the booked fills of a run but the first so many, in the order of arrival."""
        with self.database.reading() as connection:
            return booking.fills_after(connection, run, after)

    def fills_since(self, owner: str, ts: int, *, limit: int = 100) -> Sequence[tuple[str, Fill]]:
        """Return the account and the fill of what a person's accounts bought and sold since a time, newest first."""
        with self.database.reading() as connection:
            return booking.fills_since(connection, owner, ts, limit)

    def fundings(self, run: str, *, newest_ms: int | None = None) -> Sequence[FundingPayment]:
        """Return the booked funding payments of a run, oldest first."""
        with self.database.reading() as connection:
            return booking.read_booked(connection, FundingRow, FundingPayment, run, newest_ms)

    def state(self, account: str) -> TradingState:
        """Return the trading state of an account, ``active`` where none was set."""
        with self.database.reading() as connection:
            row = leases.find_account(connection, account)
        return leases.INITIAL_STATE if row is None else row.state

    def request_state(self, account: str, state: TradingState, *, by: str, why: str) -> None:
        """Set the trading state from outside the trading process, with an audit event; no lease is needed."""
        if state not in get_args(TradingState):
            raise UsageError(
                "trading_state",
                "a trading state must be one of {strictness}, was {state!r}",
                strictness=" ".join(_STRICTNESS),
                state=state,
            )
        with self._writing_account(account) as connection:
            row = leases.find_account(connection, account)
            if row is None:
                raise NotFound(
                    "no_trading_account", "there is no trading account {account!r}", account=account
                )
            _set_state(connection, account, state=state, ordered=state)
            text = {"before": row.state, "state": state, "why": why}
            self._add_audit_record(connection, by, _STATE_KIND, account, text)

    def last_order_number(self, account: str) -> int:
        """Return a number that rises with every state a person orders; 0 where nobody ever did."""
        with self.database.reading() as connection:
            return connection.scalar(_LAST_ORDER_QUERY, {"of": account}) or 0

    def note_money(self, run: str, money: str) -> None:
        """Note that a run trades the money of an account at its venue, by the fingerprint of its key."""
        with self.database.writing(durable=True) as connection:
            losses.note_money(connection, run, money)

    def runs_on(self, money: str) -> frozenset[str]:
        """Return the ids of the runs that traded the money under a fingerprint."""
        with self.database.reading() as connection:
            return losses.runs_on(connection, money)

    def is_money_known(self, run: str) -> bool:
        """Tell whether it was ever noted whose money a run trades."""
        with self.database.reading() as connection:
            return losses.is_money_known(connection, run)

    def last_step(self, run: str) -> int:
        """Return the number of the last step of a run's log, 0 before the first."""
        with self.database.reading() as connection:
            return booking.last_step(connection, run)

    def lift(
        self, account: str, limits: Sequence[str], *, by: str, why: str, until: Mapping[str, int]
    ) -> None:
        """Ask that limits of loss end before their time, with an audit event; no lease is needed."""
        with self._writing_account(account) as connection:
            if leases.find_account(connection, account) is None:
                raise NotFound(
                    "no_trading_account", "there is no trading account {account!r}", account=account
                )
            text = {"limits": list(limits), "until": dict(until), "why": why}
            self._add_audit_record(connection, by, losses.LIFT_KIND, account, text)

    def lifts(self, account: str, after: int = 0) -> Sequence[LimitLift]:
        """Return the lifts of an account after a number, in order."""
        with self.database.reading() as connection:
            return losses.find_lifts(connection, account, after)

    def accounts(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return the present run of every account, or of one owner's."""
        return self._read_runs(_PRESENT_QUERY if owner is None else _PRESENT_OF_QUERY, owner)

    def runs_of(self, owner: str | None = None) -> Sequence[TradeRun]:
        """Return every run, or every one of an owner's, oldest first."""
        return self._read_runs(_RUNS_QUERY if owner is None else _RUNS_OF_QUERY, owner)

    def _read_runs(self, query: Select[Any], owner: str | None) -> list[TradeRun]:
        asked = {} if owner is None else {"owner": owner}
        with self.database.reading() as connection:
            return [_to_run(row) for row in connection.execute(query, asked)]

    def hand_over(self, before: str, after: str) -> Sequence[str]:
        """Give an owner's accounts, with every run, to another and return their names; who trades one goes on."""
        accounts_query = select(TradeAccountRow.account).where(TradeAccountRow.owner == before)
        with self.database.writing(durable=True) as connection:
            names = connection.scalars(accounts_query.order_by(TradeAccountRow.account)).all()
            for row_class in (TradeAccountRow, TradeRunRow):
                connection.execute(update(row_class).where(row_class.account.in_(names)).values(owner=after))
        return names

    def forget(self, owner: str) -> int:
        """Remove an owner's accounts with all that is in them and return how many; what the audit says stays.

        Raises
        ------
        Conflict
            Where one of them is being traded.
        """
        accounts_query = select(TradeAccountRow.account).where(TradeAccountRow.owner == owner)
        with self.database.writing(durable=True) as connection:
            names = connection.scalars(accounts_query.order_by(TradeAccountRow.account)).all()
            for name in names:
                self.database.acquire_lock(connection, _lock_name(name))
                row = leases.find_account(connection, name)
                if row is not None and leases.is_held(row, self.clock.wall_now()):
                    raise Conflict(
                        "account_being_traded",
                        "account {name} is being traded by {holder}; stop that process first",
                        name=name,
                        holder=row.holder,
                    )
            connection.execute(delete(TradeAccountRow).where(TradeAccountRow.account.in_(names)))
        return len(names)

    @contextmanager
    def _writing_account(self, account: str, *, durable: bool = True) -> Iterator[Connection]:
        with self.database.writing(_lock_name(account), durable=durable) as connection:
            yield connection

    def _add_audit_record(
        self, connection: Connection, actor: str, kind: str, account: str, text: Mapping[str, Any]
    ) -> None:
        SqlAuditLog(self.database, self.clock).extend(connection, actor, [(kind, account, text)])


def _lock_name(account: str) -> str:
    return f"trade {account}"


def _set_state(connection: Connection, account: str, **values: str) -> None:
    connection.execute(update(TradeAccountRow).where(TradeAccountRow.account == account).values(**values))


def _find_run(connection: Connection, run: str) -> TradeRun | None:
    row = connection.execute(_RUN_QUERY, {"of": run}).one_or_none()
    return None if row is None else _to_run(row)


def _to_run(row: Row[Any]) -> TradeRun:
    values = row._mapping
    return TradeRun(**cast(dict[str, Any], {name: values[name] for name in _RUN_FIELDS}))
