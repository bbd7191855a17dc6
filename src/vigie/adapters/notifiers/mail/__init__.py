"""E-mail, handed over to a mail server.

notifier       which server that is: that of the settings, or the simulated one
smtp           how it is handed over
mail_encoding  a mail as bytes, with the header fields that mail programs act on
"""
