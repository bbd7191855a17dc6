"""What will happen in the world, and tells nobody: whoever watches finds out from prices, feeds and publications.

scenario   a scene as it is written: moves of prices, publications, a venue that is out
scenarios  every scene, an entry each
arc        the scenes that a demonstration begins with once somebody looks at it, and once its account trades
schedule   scenes in time: planned from the seed, of the arc, asked for
"""
