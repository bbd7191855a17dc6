"""Alerts in the database.

tables   what is kept of them
rules_and_channels  channels and rules
outbox   alerts and their deliveries: written together, held by one process at a time
delivery_log  what was told, read and timed
store    all of it as one store
"""
