"""Plans: trades that a person decided, traded as decided by an account that has slots for them.

plan_sources  what is read and written of plans, as one record
plan_states   what became of a plan, read off the log of its account
arming        handing a plan to its account, and taking it back
of_trades     what a trade came of, a plan or a setup
closed_trades the closed trades of an account over its runs, each with what it came of
keeping       one plan or order under an id of its sender's choice
noting        what became of a plan, noted beside it once
following     what became of plans, noted as it comes
figures       what a plan comes to: size, loss, gain, costs, frequencies
plan_funding  rate and settlements of a plan's market, and how many its position meets
worst_entries the closes in the zone from which the stop may lose most
plan_room     what each limit of a plan's account leaves before the order
previewing    what a plan comes to, by hand and in its account
setup_odds    how setups like a plan's ended, live and replayed ones apart
plan_rows     the rows of the tables about plans, and one plan in full
plan_markets  what a market allows a plan
present_price the one present price that all about plans counts with
plan_news     stories about a plan's asset that matter
plan_noticing what an open plan gives cause to tell
venue_links   where a market is seen at its venue
ticket        a plan as text, to act on by hand
"""
