"""How messages reach a person; one file a kind of channel, each keeps the contract of `vigie.ports.notifier`.

smtp  e-mail, handed over to a mail server
"""
