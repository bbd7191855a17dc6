"""Services whose address or key stands in the settings though they are no venue, source or plug-in."""

from __future__ import annotations

from typing import Final

# The simulated world with its clock, a language model, and the hosts that are asked what lies at addresses.
KEYED_SERVICES: Final = ("world", "language", "esplora", "ethereum")
# Before the names of mailboxes' passwords.
MAILBOX_PREFIX: Final = "mail_"
