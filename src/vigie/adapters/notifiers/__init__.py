"""How messages reach a person; one folder a kind of channel, each keeps the contract of `vigie.ports.notifier`.

mail      e-mail, handed over to a mail server
webhook   signed requests to an address of somebody
apprise   services that Apprise speaks
manifest  what a folder says about its channel, readable without importing it
sealing   addresses that are secrets, encrypted
"""
