"""The steps, by number.

m0001_people    people and what belongs to them
m0002_market    quotes, and how connectors do
m0003_work      jobs and results
m0004_records   the audit chain and raw documents
m0005_trading   trading accounts: runs, leases, intents, fills
m0006_news      items, their revisions, what was found in them, their words
m0007_alerts    channels, rules, alerts, the outbox
"""
