"""What rules may be about beside news: looked at again and again, raised where it changes, once.

briefs     a weekly brief is due to whom asked for it
letters    a letter about what they own is due to whom asked for it
condition_state  what held when it was looked at last: kept, so that a restart raises nothing twice
metric_conditions  prices, moves, volume: an asset begins or ceases to meet conditions
pegs       a stablecoin leaves its dollar or comes back
newcomers  a coin or pool enters the list of emerging ones
holdings   what a person owns: a valuation changes, volume is back, a share is above its limit; three a week
spikes     an asset is written of more than usual, or in another tone
setups     what forms, is confirmed, or is void of what was told, by the budget of its owner
setup_texts  what an alert about a setup says
setup_words  its parts, in a language
plans      open plans: what becomes of them, levels, news, risk; six a day beside ends
plan_deciding  whether the days on which anything of it arrives have a place for what is told of a plan
plan_texts  what an alert about an open plan says
registers  a row of a public register is added, changed, ended, removed: of which entities that rules ask for
system_events  Vigie itself: trading states, halts, losses of the day, differences, failed jobs, silent streams,
restarts
event_texts  what each of these is called, by code and arguments
event_arguments  values of these that languages write differently
watcher    looks at all of it beside the delivery worker
"""
