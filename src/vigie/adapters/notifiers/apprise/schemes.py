"""Schemes of the services that Apprise speaks for Vigie, readable without Apprise."""

from __future__ import annotations

from typing import Final

# Its host is the service's own.
PUBLIC: Final = frozenset(
    "tgram discord slack pover pbul prowl webex wxteams gchat pushy join zulip ifttt simplepush spush line feishu"
    " lark dingtalk revolt threema signl4 pagerduty opsgenie push twilio workflow workflows".split()
)
# Its host is named in the address: it may be on the internet, or where the settings say that it may be.
HOSTED: Final = frozenset(
    "ntfy ntfys matrix matrixs gotify gotifys signal signals mmost mmosts rocket rockets bark barks mastodon"
    " mastodons toot toots nctalk nctalks notica noticas".split()
)
