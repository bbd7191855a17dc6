"""Rules of a shared account: takes records of account, instruments and slots, gives codes and caps.

Never enlarges an order and never flips one. Meanings to the letter: docs/portfolio-rules.md.

locks        the first rule that refuses an entry
samples      limits judged on each equity sample
bookings     what a booked trade changes: stop guard, low profit, streaks, cooldown
exposure     how much more an instrument, a correlated group and the margin allow
correlation  which instruments move together
"""
