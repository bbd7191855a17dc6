"""Whether receivers can tell that mail of a sender is genuine: SPF, DKIM, DMARC and one-click unsubscribing.

spf       which servers may send for a domain (RFC 7208)
dkim      the public key that signatures are checked with (RFC 6376, 8463)
dmarc     what receivers do with mail that neither holds for (RFC 7489)
records   what a check found, and records as a zone holds them
mail_check  all of them for one sender, as `vigie doctor --mail` shows them

What cannot be seen from outside is never guessed: a check says what is missing, and which option gives it.
"""
