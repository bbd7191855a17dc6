"""Trading accounts: from a run file to orders, and what a person may say to them.

plan        what an account trades, pinned when its run begins
plan_changes which parts of a plan are others than before, in words
planning    from a run file to a plan
detail_timeframe  on which finer bars paper meets stops and targets
modes       paper, demo, live: what each needs, and what is refused
paper_requests  paper accounts that a page asked to be traded, as parts of the tree
downtime    when nobody traded an account, so that what was caught up with counts as no day of paper
active_limits  what keeps an account from entering although nobody stopped it
gateway     what the kernel cannot see, judged before an entry is sent
entry_rules  the gateway's rules, each a pure function with its limit
caps        what the settings let accounts order
market_snapshot  the present market and how far the clock is off, for the gateway
minute_volumes  what an ordinary minute trades of an instrument, for the gateway
venue_rules the rules of instruments as they are known now, asked every hour
fees        what the account pays, asked every day
listings    which instruments the venue still trades, and until when
carried_limits limits of loss of the run before, or of the venue's ledger
lifting     limits of loss that a person ends early
day_counts  orders of the day, over all runs of an account
overrides   slots switched off and limits tighter than the plan's, judged by the gateway
event_log   the account's log in plain words
account_view  the log as pages tell it: the fold, and equity over time
replay_cache  logs folded now and then and kept in the home, for commands
figures     positions at present prices, days, strategies, slots, limits
alive       whether a process trades an account now
live_rows   what the stream tells of accounts
trade_details  one closed trade in full
counterfactuals  what other conduct would have made of it
notes       what a person writes beside it
ideas       where the idea of a trade came from, as far as its strategy says
model_gap   a trade's result less what the fill model gives it
level_distances how far prices are from stop and liquidation, and when a passed stop settles
account_rows  the rows of an account's tables
journal_rows  the rows of the journal's tables
venue_stops  where stops stand at the venue, where that is elsewhere than decided
account_status  how an account stands, whether or not anybody trades it
account_metrics  the same for those who watch from outside
decided_histories  what decisions were made on; corrections told and recorded
startup     what must be true before the first order
lease_acquisition  the right to trade, taken over at once from a process that is proven dead
unbooked_orders  what a run left open at its venue, asked for before another one begins
trading     one process that trades one account
event_reporting  what that process says: one line for each new event
graceful_stop  what is under way when it is told to stop is led to its end
detail_bars  the finer bars of an account as its positions met them
comparing   an account beside its own backtest
decision_bars  bars as decisions used them
exporting   an account as files of lines
trading_events  what happened beside its trades, from the audit chain
trading_event_texts  what that is called, how grave it is and what to do
flattening  everything closed at once, whoever was trading before
flattening_unwritten the same at the venue alone, where nothing can be written
"""
