"""The Fear and Greed index of alternative.me.

source  the index, one value a day
"""
