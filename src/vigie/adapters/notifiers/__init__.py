"""How messages reach a person; one file a kind of channel, each keeps the contract of `vigie.ports.notifier`.

smtp     e-mail, handed over to a mail server
mail_encoding  a mail as bytes, with the header fields that mail programs act on
webhook  signed requests to an address of somebody
apprise  services that Apprise speaks
sealing  addresses that are secrets, encrypted
"""
