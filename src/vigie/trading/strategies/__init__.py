"""Shipped strategies, one file each; the folder is the registry (`vigie.trading.catalogue` reads it)."""
