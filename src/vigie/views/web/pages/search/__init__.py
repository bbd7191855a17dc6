"""Search without scripts: what the palette finds, as a page.

page   what it finds
"""
