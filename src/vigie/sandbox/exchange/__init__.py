"""Simulated venues on loopback that speak the real wire protocols.

faults          answers that go wrong on purpose
bitget_history  Bitget's v2 candles, contracts and time
"""
