"""Limits of loss: carried over, in force, ended early.

active_limits   what keeps an account from entering although nobody stopped it
carried_limits  limits of loss of the run before, or of the venue's ledger
lifting         limits of loss that a person ends early
"""
