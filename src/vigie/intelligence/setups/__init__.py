"""Setups: what becomes of a signal, close by close.

life   one side of a slot between two closes, and what the next close makes of it
contributions  what counts for and against one, and the mean of it
"""
