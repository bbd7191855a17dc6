"""Alerts: from what happens, by people's rules, to their inbox and their mail.

reading   what happens when an item was read
telling   which rules it is for: alerts and deliveries, written together
wording   what mails say, in both languages
mails     the mail of a delivery, or of several
signing   words that stand for a person who is not signed in
ways      channels that people have: confirmed, tried, dead
courier   sends what is due, again where it must
past      what a rule would have told of what is stored
wishing   a rule as people write one, and the rules that are ready
"""
