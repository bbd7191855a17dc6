"""Public registers in the database.

tables  what is kept
store   rows as last seen, every change since
"""
