"""What people want to be told of, and how: rules and channels in the database."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any, Final, cast

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from vigie.adapters.stores.sql.alerts.tables import AlertRuleRow, ChannelRow
from vigie.adapters.stores.sql.sql_store import SqlStore, refuse_stale
from vigie.adapters.stores.sql.tables import UserRow
from vigie.domain.alert import AlertRule, Channel, Pace, QuietHours
from vigie.domain.errors import Conflict, NotFound
from vigie.domain.refusal import Refusal, from_stored, to_stored
from vigie.ports.alert_rules import DuplicateRule

# So often a code may be guessed at; it has eight digits.
MAX_GUESSES: Final = 5
# Of one person; whoever makes and deletes rules without end fills no disk.
MAX_DELETED_RULES: Final = 100
_COLUMN_FIELDS: Final = ("id", "owner", "kind", "revision", "ts_deleted")


class RulesAndChannels(SqlStore):
    """Channels and rules."""

    __slots__ = ()

    def channels(self, owner: str) -> Sequence[Channel]:
        """Return the channels of a person, oldest first."""
        query = (
            select(ChannelRow.__table__)
            .where(ChannelRow.owner == owner)
            .order_by(ChannelRow.ts_created, ChannelRow.id)
        )
        with self.database.reading() as connection:
            return [to_channel(row) for row in connection.execute(query)]

    def channel(self, owner: str, channel: str) -> Channel | None:
        """Return one channel of a person."""
        query = select(ChannelRow.__table__).where(ChannelRow.owner == owner, ChannelRow.id == channel)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else to_channel(row)

    def put_channel(self, channel: Channel) -> Channel:
        """Keep a channel; one without an id is given one."""
        stored = replace(channel, id=channel.id or f"c{secrets.token_hex(8)}")
        conditions = (ChannelRow.id == stored.id, ChannelRow.owner == stored.owner)
        initial_values = {"code_key": "", "code_tries": 0, "ts_code": 0, "ts_created": self.clock.wall_now()}
        try:
            with self.database.writing("alerts") as connection:
                values = {**asdict(stored), "refusal": to_stored(stored.why)}
                changed = connection.execute(update(ChannelRow).where(*conditions).values(values))
                if changed.rowcount == 0:
                    connection.execute(insert(ChannelRow).values({**values, **initial_values}))
        except IntegrityError:
            raise Conflict(
                "already_one_channels", "{address} is already one of your channels", address=stored.address
            ) from None
        return stored

    def remove_channel(self, owner: str, channel: str) -> bool:
        """Remove a channel; False where there is none."""
        with self.database.writing("alerts") as connection:
            statement = delete(ChannelRow).where(ChannelRow.owner == owner, ChannelRow.id == channel)
            return connection.execute(statement).rowcount == 1

    def put_code(self, owner: str, channel: str, key: str, *, ts_expires: int) -> None:
        """Note the hash of the code that a channel was sent."""
        statement = update(ChannelRow).where(ChannelRow.owner == owner, ChannelRow.id == channel)
        with self.database.writing("alerts") as connection:
            connection.execute(statement.values(code_key=key, code_tries=0, ts_code=ts_expires))

    def use_code(self, owner: str, channel: str, key: str) -> bool:
        """Confirm a channel by the code's hash; False where it is wrong, too old, or was guessed at too often."""
        conditions = (ChannelRow.owner == owner, ChannelRow.id == channel)
        now = self.clock.wall_now()
        with self.database.writing("alerts") as connection:
            row = connection.execute(select(ChannelRow.__table__).where(*conditions)).one_or_none()
            if row is None or not row.code_key or row.ts_code < now or row.code_tries >= MAX_GUESSES:
                return False
            is_right = hmac.compare_digest(row.code_key, key)
            values: dict[str, Any] = {"code_tries": row.code_tries + 1}
            if is_right:
                values = {"code_key": "", "is_confirmed": True, "ts_dead": 0, "why": "", "refusal": None}
            connection.execute(update(ChannelRow).where(*conditions).values(values))
        return is_right

    def rules(self, owner: str) -> Sequence[AlertRule]:
        """Return the rules of a person that are not deleted, oldest first."""
        return self._read_rules(AlertRuleRow.owner == owner, AlertRuleRow.ts_deleted == 0)

    def rules_of(self, kind: str) -> Sequence[AlertRule]:
        """Return everybody's rules about a kind of event that are on and not deleted; not of who is disabled."""
        disabled_users = select(UserRow.id).where(UserRow.is_disabled.is_(True))
        return self._read_rules(
            AlertRuleRow.kind == kind,
            AlertRuleRow.is_live.is_(True),
            AlertRuleRow.owner.not_in(disabled_users),
        )

    def rule(self, owner: str, rule: str) -> AlertRule | None:
        """Return one rule of a person, also a deleted one."""
        return next(iter(self._read_rules(AlertRuleRow.owner == owner, AlertRuleRow.id == rule)), None)

    def any_rule(self, rule: str) -> AlertRule | None:
        """Return a rule whoever owns it: for who holds a signed word about it."""
        return next(iter(self._read_rules(AlertRuleRow.id == rule)), None)

    def _read_rules(self, *conditions: Any) -> Sequence[AlertRule]:
        query = (
            select(AlertRuleRow.__table__)
            .where(*conditions)
            .order_by(AlertRuleRow.ts_created, AlertRuleRow.id)
        )
        with self.database.reading() as connection:
            return [to_rule(row) for row in connection.execute(query)]

    def put_rule(self, rule: AlertRule, *, revision: int | None = None, is_alone: bool = False) -> AlertRule:
        """Keep a rule with its new revision; one without an id is given one.

        Raises
        ------
        Conflict
            Where `revision` is not the current one.
        NotFound
            Where the id is somebody else's.
        DuplicateRule
            With `is_alone`, where another one tells the same by the same channel.
        """
        stored = replace(rule, id=rule.id or f"a{secrets.token_hex(8)}")
        with self.database.writing("alerts") as connection:
            query = select(AlertRuleRow.owner, AlertRuleRow.revision).where(AlertRuleRow.id == stored.id)
            row = connection.execute(query).one_or_none()
            if row is not None and row.owner != stored.owner:
                raise NotFound("no_rule", "there is no rule {id!r}", id=stored.id)
            current = 0 if row is None else row.revision
            refuse_stale(revision, current, Refusal("rule_changed", "this rule changed meanwhile"))
            if is_alone:
                self._refuse_duplicate(connection, stored)
            stored = replace(stored, revision=current + 1)
            values = _to_row(stored)
            if row is None:
                connection.execute(
                    insert(AlertRuleRow).values({**values, "ts_created": self.clock.wall_now()})
                )
            else:
                connection.execute(update(AlertRuleRow).where(AlertRuleRow.id == stored.id).values(values))
            if stored.ts_deleted:
                conditions = (AlertRuleRow.owner == stored.owner, AlertRuleRow.ts_deleted > 0)
                newest = AlertRuleRow.ts_deleted.desc(), AlertRuleRow.id
                old = select(AlertRuleRow.id).where(*conditions).order_by(*newest).offset(MAX_DELETED_RULES)
                old_ids = connection.scalars(old).all()
                connection.execute(delete(AlertRuleRow).where(AlertRuleRow.id.in_(old_ids)))
        return stored

    def _refuse_duplicate(self, connection: Connection, rule: AlertRule) -> None:
        conditions = (
            AlertRuleRow.owner == rule.owner,
            AlertRuleRow.kind == rule.kind,
            AlertRuleRow.ts_deleted == 0,
        )
        query = select(AlertRuleRow.__table__).where(*conditions, AlertRuleRow.id != rule.id)
        now = self.clock.wall_now()
        for row in connection.execute(query.order_by(AlertRuleRow.ts_created, AlertRuleRow.id)):
            other = to_rule(row)
            if (not other.ts_expires or other.ts_expires > now) and _is_duplicate(rule, other):
                message = Refusal(
                    "rule_already_sends_same_channel",
                    "the rule {name} ({id}) already sends this by the same channel; change that rule",
                    name=other.name,
                    id=other.id,
                )
                raise DuplicateRule(other.id, message)


def _is_duplicate(rule: AlertRule, other: AlertRule) -> bool:
    # One value of a condition is enough, so their order says nothing.
    conditions, other_conditions = (
        {name: set(either_rule.when[name]) for name in either_rule.when} for either_rule in (rule, other)
    )
    return conditions == other_conditions and not set(rule.channels).isdisjoint(other.channels)


def _to_row(rule: AlertRule) -> dict[str, Any]:
    body = {name: value for name, value in asdict(rule).items() if name not in _COLUMN_FIELDS}
    body["when"] = {name: list(values) for name, values in rule.when.items()}
    columns = {name: getattr(rule, name) for name in _COLUMN_FIELDS}
    return {**columns, "is_live": rule.is_on and not rule.ts_deleted, "body": body}


def to_rule(row: Row[Any]) -> AlertRule:
    """Return a rule as it was kept."""
    body = dict(row.body)
    quiet = body.pop("quiet")
    return AlertRule(
        id=row.id, owner=row.owner, kind=row.kind, revision=row.revision, ts_deleted=row.ts_deleted,
        when={name: tuple(values) for name, values in body.pop("when").items()},
        channels=tuple(body.pop("channels")), pace=cast(Pace, body.pop("pace")),
        quiet=None if quiet is None else QuietHours(**quiet), **body,
    )  # fmt: skip


def to_channel(row: Row[Any]) -> Channel:
    """Return a channel as it was kept."""
    return Channel(
        row.id,
        row.owner,
        row.kind,
        row.address,
        row.is_confirmed,
        row.ts_dead,
        from_stored(row.why, row.refusal),
        row.secret,
    )
