"""Everything closed at once, whoever was trading before.

flattening            everything closed at once, whoever was trading before
flattening_unwritten  the same at the venue alone, where nothing can be written
"""
