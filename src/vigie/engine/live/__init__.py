"""The kernel, once per event: the account as a fold over its own log, in paper, demo and live alike.

blank         what the slots trade, and records before the first step
limit_steps   events about limits of loss that outlive a run
steps         the events of an account's log, and their plain form
step_parts    what these events are made of: bars, payments, entries and exits
decision_row  one row of what an account decided
account       the fold: the kernel's own stations, called once per event
model         what the fill model makes of a bar: paper's fills
paper         histories traded on paper, step by step
evaluation    what the strategies say at the newest close
intent_writer  from decisions to intents
step_builder  from an instant to the steps it begins with
orders        the life of an order between its intent and its end
bar_rows      the one row that is kept of each slot's bars
rule_changes  what a venue asks of orders from an instant on, other than before
level_grid     levels as a venue takes them now, also where its ticks changed
foreign       each fill and each movement of money of somebody else, told by itself
late_funding  funding counted to the position that was held when it was settled
cash_flows    money that somebody pays in or out, and the limits that move with it
loss_limits   limits of loss that a run takes over from another, and leaves
execution     orders brought to their ends: exits again, entries under the shield, dust swept
surplus       fills on top of a position that was closed already
targets       limit targets: an order of their own beside the stop
waiting       for a venue out of reach, for whichever comes first, for several things at once, not too long
deduplicator  each fact of a venue once, however often it is told
booking       from a venue's fills and funding to the account's steps
stop_guard    no position without a stop
moved_levels  whether stop and target stand where they were put
level_restorer  they are put back and told of, ever later where they do not stay
backoff       when a thing may be done again that did not help
stop_monitor  whether positions have their stops, at any time
outage_guard  positions keep their stops while the book cannot be written
unwritten_intents  ids of closings that are sent before they are written
emergency_closer  closes positions at the venue while the book cannot be written
position_differences  whether the venue holds what the account holds
fill_cache    the fills that were read, each once
intent_cache  the intents that were read, and those that the book is asked for
account_memory  what a process knows when it begins
reconciler    what the venue has to tell, taken once
logbook       what one process writes down, as long as it has the right to
account_monitor  between bars: whether orders and positions are still there
trader_config  what a trader is given
trader        one account, traded instant by instant
paper_funding what paper positions pay for funding, also where a rate is told late
paper_position what paper's venue holds of one instrument
paper_venue   a venue and a feed in one: the feed's prices, fills by the model
"""
