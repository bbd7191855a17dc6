"""Which adapter is real: each process and each command puts its parts together here, and nowhere else.

Processes:

web               serves pages and the API
collector         asks sources and venues
trader            trades an account
app_context       opens a home for operations, on the command line as well

Parts of them:

data              stores of bars and facts, history of venues
market_clock      the time of a home's market, for commands
world_address     where the world of a simulated home answers
results           results of runs, where long work is done
backups           what backups need
notifiers         how messages go out and files are printed
connectors        connectors of sources and venues
news              connectors of news
plugins           plug-ins from outside, read when somebody asks
plugin_sources    connectors of sources among them
collector_lock    the right to be the one collector of a home
sentiment_model   the language model that the settings name
name_sources      public lists of names
outside           addresses whose fills are read
balances          addresses of what people own, and who is asked about them
venue_accounts    keys, addresses and accounts at venues
"""
