"""One's own account.

page   what it shows and what its forms do
"""
