"""Strategies and what they say: list, check, signals.

strategies         list, describe, check, begin a new one
strategy_contract  the contract of a strategy, check by check
closed_slots       the slots of a request, each run over its closed bars
signals            the last closed bars: which slots say long, short, or nearly so
signal_reading     signals out of a slot's run
"""
