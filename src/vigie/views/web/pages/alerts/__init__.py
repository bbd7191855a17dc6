"""Alerts: rules as sentences, channels, the inbox, the log, and leaving by a link in a mail."""
