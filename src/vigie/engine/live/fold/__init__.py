"""The account as a fold over its own log.

account        the fold: the kernel's own stations, called once per event
empty_account  what the slots trade, and records before the first step
bar_rows       the one row that is kept of each slot's bars
steps          the events of an account's log, and their plain form
step_parts     what these events are made of: bars, payments, entries and exits
limit_steps    events about limits of loss that outlive a run
decision_row   one row of what an account decided
late_funding   funding counted to the position that was held when it was settled
cash_flows     money that somebody pays in or out, and the limits that move with it
loss_limits    limits of loss that a run takes over from another, and leaves
rule_changes   what a venue asks of orders from an instant on, other than before
model          what the fill model makes of a bar: paper's fills
paper_funding  what paper positions pay for funding, also where a rate is told late
evaluation     what the strategies say at the newest close
"""
