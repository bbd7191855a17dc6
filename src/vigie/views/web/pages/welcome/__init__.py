"""The first visit: language, who you are, three assets.

page   what it shows and what its forms do
"""
