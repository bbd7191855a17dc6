"""How anything outside is reached.

retry  trying a read again: how often, how long between, what the other side asks for
"""
