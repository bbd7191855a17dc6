"""Where data comes from.

page   every connector with its state, and one source with its terms; pause, resume, try now
late   what is late or broken: since when, which pages miss it, what happens next
words  states and lengths in the visitor's language
"""
