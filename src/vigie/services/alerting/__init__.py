"""Alerts: from what happens, by people's rules, to their inbox and their mail.

item_events  what happens when an item was read, and what it makes of earlier ones of its story
dispatch  which rules it is for: alerts and deliveries, written together
arrivals  when what the rules of a person raise arrives
wording   what mails say, in both languages
mails     the mail of a delivery, or of several
layout    what a mail says as text and as HTML
signing   words that stand for a person who is not signed in
channels  channels that people have: confirmed, tried, dead
feeds     what a rule told, as a feed whose address nobody guesses
delivery_worker  sends what is due, again where it must
setup_mail  a setup in a mail, with its picture and its place in the chain
own_mail  a mail that a person sends to their own confirmed addresses
brief_mail  the brief of a week as a mail, with its PDF
own_rules  rules that a person has one of at most
letter_mail  a letter about holdings as a mail, with its PDF
letter_schedule  when a letter about holdings is due, and which days it tells of
notifications  what the bell counts: unread alerts, and jobs and fills up to a mark
unread    how many of the inbox are unread, and the newest
preview   what a rule of any kind would have told of what is stored
watching  what rules may be about beside news, looked at and raised
rule_parsing  a rule as people write one, and the rules that are ready
"""
