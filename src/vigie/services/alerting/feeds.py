"""What a rule told, as a feed (RSS 2.0); the address of it holds a word that only its owner is shown."""

from __future__ import annotations

from email.utils import formatdate
from typing import Final
from xml.sax.saxutils import escape

from vigie.domain.alert import Alert, AlertRule
from vigie.services.alerting.signing import feed_word, is_feed_word
from vigie.services.alerting.watching.saying import title_of
from vigie.services.alerting.wording import marked, words_of
from vigie.services.house import House
from vigie.services.news.item_links import safe_link

MOST: Final = 50
# An alert has a delivery for each channel.
_LINES: Final = 200
_CONTROLS: Final = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def feed_address(house: House, rule: str) -> str:
    """Return where the feed of a rule is."""
    return f"{house.post.address()}/feeds/alerts/{rule}/{feed_word(house, rule)}"


def feed_of(house: House, rule: str, word: str) -> str | None:
    """Return the feed of a rule for who holds its word; None for another word, a rule that is gone, a disabled owner.

    What was held back is not in it; what waits for a digest or for the end of quiet hours is, as in the inbox.
    """
    if not is_feed_word(house, rule, word):
        return None
    known = house.alerts.any_rule(rule)
    owner = house.accounts.user(known.owner) if known is not None else None
    if known is None or known.ts_deleted or (owner is not None and owner.is_disabled):
        return None
    lines = house.alerts.told(known.owner, rule=rule, limit=_LINES)
    told = {one.alert.id: one.alert for one in lines if one.delivery.state in ("sent", "waiting")}
    items = "".join(_item(house, known, one) for one in list(told.values())[:MOST])
    tag = words_of(known.language)["simulated" if house.is_simulated else "tag"]
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel>'
        f"<title>{_said(f'{tag} {known.name}')}</title><link>{_said(house.post.address())}/alerts</link>"
        f"<description>{_said(words_of(known.language)['footer'])}</description>"
        f"<language>{known.language}</language><ttl>1</ttl>{items}</channel></rss>"
    )


def _item(house: House, rule: AlertRule, alert: Alert) -> str:
    told, words = alert.happening, words_of(rule.language)
    title = marked(words, alert.mark, title_of(told, rule.language))
    link = safe_link(told.url, house.post.address(), is_simulated=house.is_simulated)
    source = str(told.facts.get("publisher") or told.source)
    about = ": ".join(one for one in (source, words.get(told.status, "")) if one)
    return (
        f"<item><title>{_said(title)}</title>{f'<link>{_said(link)}</link>' if link else ''}"
        f'<guid isPermaLink="false">{alert.id}</guid><pubDate>{formatdate(alert.ts / 1_000, usegmt=True)}</pubDate>'
        f"<description>{_said(about)}</description></item>"
    )


def _said(text: str) -> str:
    """Return text as XML holds it, without what XML cannot hold."""
    return escape(text.translate(_CONTROLS).encode("utf-8", "replace").decode())
