"""Alerts: told by rules, sent by a courier, read in a mailbox."""
