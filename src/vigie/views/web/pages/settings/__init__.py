"""How things look and read, for one person.

page   what it shows and what its forms do
"""
