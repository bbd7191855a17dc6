"""Alerts: told by rules, sent by a delivery worker, read in a mailbox."""
