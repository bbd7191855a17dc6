"""The kernel, once per event: the account as a fold over its own log, in paper, demo and live alike.

fold             the account as a fold over its own log
book             what one process knows, is told by the venue and writes down
stops            no position without a stop, whatever happens
paper            a venue and a feed in one: the prices of the feed, fills by the model
step_builder     from an instant to the steps it begins with
execution        orders brought to their ends: exits again, entries under the shield, dust swept
targets          limit targets: an order of their own beside the stop
waiting          for a venue out of reach, for whichever comes first, for several things at once, not too long
backoff          when a thing may be done again that did not help
account_monitor  between bars: whether orders and positions are still there
entry_room       what each limit of an account leaves for an entry
trial_account    what an account would make of an entry, tried on a copy of it
trader_config    what a trader is given
trader           one account, traded instant by instant
"""
