"""Users, tokens, records, logs and retention, for administrators.

page   what it shows and what its forms do
"""
