"""What Vigie needs from outside, as Protocols, one a file; adapters fulfil them, `vigie.wiring` chooses.

clock        what time it is, on the market and on the wall, and how to wait
store        bars at rest
quarantine   rows that were refused, kept with the reason
receipts     what the last imports of bars changed
bookmarks    where a venue has no bars; where connectors go on
instruments  versions of the venues' rules
files        files for people and other programs
executor     where independent pieces of work are computed
trials       the registry of every trial
home         where runs, trials and a person's own strategies live
programs     a person's own programs, and which of them may run unattended
plugins      plug-ins that do not come with Vigie, and what they declare
venue        the public history of a venue
source       a source of facts, pulled or streaming
own_feeds    sources of news that a person added
connectors   what every connector says of itself
facts        observed numbers at rest, as they were known at any time
quotes       the newest quote of every instrument; how connectors do
jobs         the queue of long work
runs         the index of kept results
accounts     people and their settings; one store with all that belongs to them
authentication sessions, tokens, failed sign-ins
watchlists   named lists of assets and entities
boards       boards of the Studio
audit        the chain of what was done
trading      what an account may ask and order at a venue
listed_venue the same with the venue's list of instruments, its fees and its ledger
keys         of accounts at venues
feed         instants at which bars end and begin, for who trades
leases       who may trade an account now
trade_log    what a run wrote down: steps, intents, fills, funding
tradebook    what an account did and means to do, before it is done
source_fetches what a fetch of a source of news showed
item_queries which news items are asked for
item_glances what lists of news are ranked and counted by
item_readings what reading a news item gave
items        news: what sources showed, what was found in it, and how it is found
names        what a house itself knows of names of entities
name_lists   public lists of names, asked when somebody imports them
run_files       run files at rest: each version as a person kept it, and what became of it
plans           trade plans at rest: each version, and when it was armed or cancelled
plan_notices    what open plans gave cause to tell, and what became of it
outside_addresses addresses whose fills anybody may read, encrypted
holdings        what people own: events in batches, nothing written over
address_balances  what a host of a chain says of one address
holding_addresses  addresses whose balances a person reads, encrypted
holding_links  links by which a person shares what they own
learned_models  what was learned: experiments, fits, models with their stages
reported  what platforms reported of people's years
evm_balances  the same of an EVM chain: the native coin and tokens
outside         fills made elsewhere, and the addresses that they are read of
setup_counts    how many setups are in a state, and how many ended by a cause
setups          setups at rest: every change, in the order it was written
setup_notices   which changes of setups might be told, and what became of them
first_sightings when emerging coins were first seen, and first reported on
registers    public registers: rows as last seen, every change
documents    raw documents, kept to be parsed again
copying      a database as plain rows, for copies of a home
mailbox      mails that the demonstration took
newsstand    articles of the demonstration's newsroom
notifier     a channel that carries messages to a person
alert_rules  alert rules and channels of people
alerts       what they were told, and what is on its way to them
printing     what is read on paper, as a file that keeps its text
reports      sentences and tables of a report, set as such a file
dns          what DNS says of a name
sentiment_model  another reader of headlines, in place of the shipped model
health       how a home does: its checks, its parts
"""
