"""Keys, words, pages, commands.

page   what it shows and what its forms do
"""
