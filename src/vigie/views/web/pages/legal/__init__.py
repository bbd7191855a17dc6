"""Who runs this home, and what Vigie is not.

page   what it shows and what its forms do
"""
