"""Setups: what becomes of a signal, close by close.

life   one side of a slot between two closes, and what the next close makes of it
"""
