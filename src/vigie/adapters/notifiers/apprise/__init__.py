"""Services that Apprise speaks; their addresses are secrets."""
