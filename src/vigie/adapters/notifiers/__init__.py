"""How messages reach a person; one folder a kind of channel, each keeps the contract of `vigie.ports.notifier`.

manifest  what a folder says about its channel, readable without importing it
sealing   addresses that are secrets, encrypted
"""
