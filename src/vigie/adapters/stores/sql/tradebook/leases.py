"""Who may trade an account now: a lease with a token that rises with every taking."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from vigie.adapters.stores.sql.tradebook.tables import TradeAccountRow
from vigie.domain.errors import Conflict, UsageError
from vigie.domain.order import Lease, TradingState
from vigie.domain.refusal import Refusal

NOBODY: Final = ""
INITIAL_STATE: Final[TradingState] = "active"
# Made once: every write of an account begins with it, and making a query takes longer than the database does.
_ACCOUNT_QUERY: Final = select(TradeAccountRow.__table__).where(TradeAccountRow.account == bindparam("of"))
_LEASE_UPDATE: Final = (
    update(TradeAccountRow)
    .where(TradeAccountRow.account == bindparam("of"))
    .values({name: bindparam(f"new_{name}") for name in ("holder", "token", "ts_until")})
)


def find_account(connection: Connection, account: str) -> Row[Any] | None:
    """Return an account."""
    return connection.execute(_ACCOUNT_QUERY, {"of": account}).one_or_none()


def ensure_account(connection: Connection, account: str) -> Row[Any]:
    """Return an account; one that is new belongs to nobody yet."""
    row = find_account(connection, account)
    if row is None:
        values = {
            "account": account, "owner": "", "run": None, "state": INITIAL_STATE, "ordered": INITIAL_STATE,
            "holder": NOBODY, "token": 0, "ts_until": 0,
        }  # fmt: skip
        connection.execute(insert(TradeAccountRow).values(values))
        row = find_account(connection, account)
    assert row is not None
    return row


def is_held(row: Row[Any], now: int) -> bool:
    """Tell whether somebody may trade the account now."""
    return bool(row.holder != NOBODY and row.ts_until > now)


def take_lease(
    connection: Connection,
    row: Row[Any],
    holder: str,
    now: int,
    for_s: float,
    *,
    by_force: bool,
    expired: Lease | None,
) -> Lease:
    """Give the account to a holder under the next token."""
    if not holder:
        raise UsageError("holder_lease_must_name", "the holder of a lease must have a name")
    is_expired = expired is not None and expired == Lease(row.account, row.holder, row.token, row.ts_until)
    if is_held(row, now) and row.holder != holder and not (by_force or is_expired):
        raise Conflict(
            "account_leased_another_unless_renewed",
            "account {account} is leased to {holder} for another {ts_until:g} "
            "s unless renewed; stop that process first (`vigie trade flatten` closes everything and ends "
            "it)",
            account=row.account,
            holder=row.holder,
            ts_until=(row.ts_until - now) / 1000,
        )
    lease = Lease(row.account, holder, row.token + 1, _lease_end(now, for_s))
    _write_lease(connection, lease)
    return lease


def renew_lease(connection: Connection, row: Row[Any] | None, lease: Lease, now: int, for_s: float) -> Lease:
    """Let a lease end later, also one that nobody else wanted after its end."""
    _require_holder(row, lease)
    renewed = Lease(lease.account, lease.holder, lease.token, _lease_end(now, for_s))
    _write_lease(connection, renewed)
    return renewed


def release_lease(connection: Connection, row: Row[Any] | None, lease: Lease) -> None:
    """Let go of an account; whoever has lost it already has nothing to give back."""
    if row is not None and (row.token, row.holder) == (lease.token, lease.holder):
        _write_lease(connection, Lease(lease.account, NOBODY, lease.token, 0))


def require_lease(row: Row[Any] | None, lease: Lease, now: int) -> Row[Any]:
    """Return the account where the lease is the newest and has not ended; the stored end counts, not the given one."""
    row = _require_holder(row, lease)
    if row.ts_until <= now:
        raise Conflict(
            "lease_account_expired_ago",
            "the lease of account {account} expired {now:g} s ago; nothing was written",
            account=row.account,
            now=(now - row.ts_until) / 1000,
        )
    return row


def _require_holder(row: Row[Any] | None, lease: Lease) -> Row[Any]:
    # The holder, too: a backup that was restored counts tokens once more.
    if row is not None and (row.token, row.holder) == (lease.token, lease.holder):
        return row
    holder_text = (
        Refusal("gone", "is gone")
        if row is None
        else Refusal(
            "held_token",
            "is held by {holder} with token {token}",
            holder=row.holder or Refusal("nobody", "nobody"),
            token=row.token,
        )
    )
    raise Conflict(
        "account_token",
        "account {account} {holder_text}, {holder} had token {token}; nothing was "
        "written. The process that took it over (for example `vigie trade flatten`) now decides; `vigie "
        "trade status` shows its state",
        account=lease.account,
        holder_text=holder_text,
        holder=lease.holder,
        token=lease.token,
    )


def _lease_end(now: int, for_s: float) -> int:
    if not for_s > 0:
        raise UsageError(
            "lease_must_last_more", "a lease must last more than 0 s, was {for_s:g}", for_s=for_s
        )
    return now + round(for_s * 1000)


def _write_lease(connection: Connection, lease: Lease) -> None:
    values = {"new_holder": lease.holder, "new_token": lease.token, "new_ts_until": lease.ts_until}
    connection.execute(_LEASE_UPDATE, {"of": lease.account, **values})
