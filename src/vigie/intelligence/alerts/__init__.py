"""Which rules an event is for, and whether it is told now: records in, decisions with their reasons out.

phrases  what people search for: words, phrases, and, or, not
rule_matching  whether an event fulfils a rule, condition by condition
pacing   whether an alert is sent at once, later, or not at all, and why
plan_levels  which levels of an open plan the price is near, and how much of its risk is lost
"""
