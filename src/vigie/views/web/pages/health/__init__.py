"""How sources, jobs and disk do.

page   what it shows and what its forms do
"""
