"""The simulated world, for demonstrations, tests and teaching: it knows domain and quant only.

market      a market made from a seed: bars, funding, regimes, flash crashes
exchange    venues on loopback that speak the real wire protocols
asgi        what their servers do with the wire
world       all outside services in one process, under a clock of their own
"""
