"""Markets of the exchange: each decides when an order trades, and at what price.

model           the market of the fill model; tracks are its bars, bar_execution is what happens in one
lockstep        steps and acknowledgements that move it
path            the market that moves by itself, along waypoints; price_path is where it goes
"""
