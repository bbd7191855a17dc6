"""Plug-ins that do not come with Vigie.

page   what it shows
"""
