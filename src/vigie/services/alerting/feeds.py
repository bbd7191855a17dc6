"""What a rule told, as a feed (RSS 2.0); the address of it holds a word that only its owner is shown."""

from __future__ import annotations

from email.utils import formatdate
from typing import Final
from xml.sax.saxutils import escape

from vigie.domain.alert import Alert, AlertRule
from vigie.ports.accounts import UserStore
from vigie.ports.alerts import AlertStore
from vigie.ports.home import IsSimulated
from vigie.ports.notifier import Notifiers
from vigie.services.alerting.signing import feed_token, is_feed_token
from vigie.services.alerting.watching.event_texts import title_of
from vigie.services.alerting.wording import mark_title, words_of
from vigie.services.news.news_rows import safe_link

MOST: Final = 50
# An alert has a delivery for each channel.
_LINES: Final = 200
_CONTROLS: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def feed_address(notifiers: Notifiers, rule: str) -> str:
    """Return where the feed of a rule is."""
    return f"{notifiers.address()}/feeds/alerts/{rule}/{feed_token(notifiers, rule)}"


def render_feed(
    accounts: UserStore,
    alert_store: AlertStore,
    is_simulated: IsSimulated,
    notifiers: Notifiers,
    rule: str,
    token: str,
) -> str | None:
    """Return the feed of a rule for who holds its word; None for another word, a rule that is gone, a disabled owner.

    What was held back is not in it; what waits for a digest or for the end of quiet hours is, as in the inbox.
    """
    if not is_feed_token(notifiers, rule, token):
        return None
    found_rule = alert_store.any_rule(rule)
    owner = accounts.user(found_rule.owner) if found_rule is not None else None
    if found_rule is None or found_rule.ts_deleted or (owner is not None and owner.is_disabled):
        return None
    lines = alert_store.list_deliveries(found_rule.owner, rule=rule, limit=_LINES)
    alerts = {item.alert.id: item.alert for item in lines if item.delivery.state in ("sent", "waiting")}
    items = "".join(
        _item_xml(is_simulated, notifiers, found_rule, item) for item in list(alerts.values())[:MOST]
    )
    tag = words_of(found_rule.language)["simulated" if is_simulated else "tag"]
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{_escape_xml(f'{tag} {found_rule.name}')}</title>"
        f"<link>{_escape_xml(notifiers.address())}/alerts</link>"
        f"<description>{_escape_xml(words_of(found_rule.language)['footer'])}</description>"
        f"<language>{found_rule.language}</language><ttl>1</ttl>{items}</channel></rss>"
    )


def _item_xml(is_simulated: IsSimulated, notifiers: Notifiers, rule: AlertRule, alert: Alert) -> str:
    event, words = alert.happening, words_of(rule.language)
    title = mark_title(words, alert.mark, title_of(event, rule.language))
    link = safe_link(event.url, notifiers.address(), is_simulated=is_simulated)
    source = str(event.facts.get("publisher") or event.source)
    about = ": ".join(part for part in (source, words.get(event.news_status, "")) if part)
    return (
        f"<item><title>{_escape_xml(title)}</title>{f'<link>{_escape_xml(link)}</link>' if link else ''}"
        f'<guid isPermaLink="false">{alert.id}</guid><pubDate>{formatdate(alert.ts / 1_000, usegmt=True)}</pubDate>'
        f"<description>{_escape_xml(about)}</description></item>"
    )


def _escape_xml(text: str) -> str:
    """Return text as XML holds it, without what XML cannot hold."""
    return escape(text.translate(_CONTROLS).encode("utf-8", "replace").decode())
