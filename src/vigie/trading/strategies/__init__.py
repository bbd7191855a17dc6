"""Shipped strategies, one file each; the folder is the registry (`vigie.trading.catalogue` reads it).

`plan` trades what a person planned and stands in no list.
"""
