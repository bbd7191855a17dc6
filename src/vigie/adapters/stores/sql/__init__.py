"""Everything with identity, in SQLite or PostgreSQL.

database     opening one, transactions, errors
tables       what is kept
schema       making and moving the tables; a newer schema is refused
identity     which database holds the users of a home
readiness    whether a home can be worked in now
migrations   the steps from one schema to the next
advisory_lock  of processes that want to do one thing, one does it (PostgreSQL)
stores       all of them together
sql_store    what every store here is made of
accounts     people and what belongs to them
staging      many rows in one short transaction
quotes       the newest quotes, states of connectors, their bookmarks
jobs         the queue of long work
runs         the index of kept results
audit        the audit chain
tradebook    trading accounts: leases, intents, fills
items        news: items, revisions, findings, and finding them again
names        what the house itself knows of names of entities
run_files        run files as people changed them, each version and what became of it
plans            what people plan to trade, each version and when it was armed
plan_notices     what is told of open plans, and what was kept because a day was full
outside          fills that people made elsewhere
holdings         what people own, in batches that can be undone
holding_addresses  addresses whose balances people read, encrypted
holding_links  links by which people share what they own
learned_models   what was learned: experiments, fits, models with their stages
reported  what platforms reported of people's years
setups           what became of signals: every change, and what is remembered of each slot
setup_notices    which changes of setups might be told, and what became of them
first_sightings  when emerging coins were first seen, and first reported on
registers    public registers: rows as last seen, every change
documents    raw documents
alerts       what people are told of: channels, rules, alerts, the outbox
copying      the whole database as rows, alike for both kinds
"""
