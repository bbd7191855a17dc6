"""An example of a source: the hash rate of a pool, one value a day."""
