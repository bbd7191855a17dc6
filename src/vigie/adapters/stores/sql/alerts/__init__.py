"""Alerts in the database.

tables   what is kept of them
wishes   channels and rules
outbox   alerts and their deliveries: written together, held by one process at a time
log      what was told, read and timed
store    all of it as one store
"""
