"""Limits of loss: carried over, in force, ended early.

active_limits   which limits hold now: of the whole account, or with the locks of slots and instruments
carried_limits  limits of loss of the run before, or of the venue's ledger
lifting         limits of loss that a person ends early
"""
