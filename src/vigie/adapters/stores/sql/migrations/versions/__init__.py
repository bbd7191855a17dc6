"""The steps, by number.

m0001_people     people and what belongs to them
m0002_market     quotes, and how connectors do
m0003_work       jobs and results
m0004_records    the audit chain and raw documents
m0005_trading    trading accounts: runs, leases, intents, fills
m0006_news       items, their revisions, what was found in them, their words
m0007_alerts     channels, rules, alerts, the outbox
m0008_registers  public registers: rows as last seen, what became different
m0009_entities   what a house knows of names, watchlists that hold entities
m0010_words      on PostgreSQL the words of items are kept cut
m0011_secret_addresses  addresses of channels that are secrets, encrypted
m0012_boards     boards of the Studio
m0013_settled    settlements of funding are found by their time
m0014_kinds      audit records of a kind are found by their number
m0015_run_money  whose money at its venue a run traded
m0016_left_out   older entries of sources that were not read
m0017_generated  items of a past that nobody saw are marked
m0018_name_lists  names from public lists
m0019_first_sights  when emerging coins were first seen, and first reported on
m0020_story_joins  stories that ended in another one
m0021_namesakes  emerging coins of one name are found by their time
m0022_refusals  code and arguments of refusals beside their sentences
m0023_replayed_runs  runs that were decided afterwards are marked
m0024_setups  changes of setups, and what is remembered of each side of a slot
m0025_setups_of_accounts  setups belong to accounts, whatever run they were in
m0026_trade_plans  trade plans, each version and when it was armed or cancelled
m0027_outside  fills made elsewhere, addresses that they are read of, what was said of proposed setups
m0028_setup_record  what seals a change of a setup, and which were candidates for an alert
m0029_run_files  run files as people changed them on pages, each version and what became of it
m0030_plan_notices  what is told of open plans, and what was kept because the day was full
m0031_plan_arrivals  when the first and the last of a notice of a plan arrives
m0032_plan_ids  ids of plans are each person's own
m0033_holdings  what people own: events and the batches that brought them
m0034_holding_addresses  addresses whose balances people read, encrypted
m0035_holding_links  links by which people share what they own
m0036_reported_rows  what platforms reported of people's years
m0037_learned_models  what was learned: experiments, fits and models with their stages
m0038_shadow_effects  what each column added to a decision in the shadow
m0039_shadow_markets  which market a decision in the shadow is of
"""
