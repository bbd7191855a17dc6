"""Reading items: the runner of steps, what it keeps, and why each step found what it found.

item_reader  the runner of steps: what waits is read, stored, told to the rules of alerts
window      what was seen before an item, as it was known then
sentiment_models  a fitted model of one's own, and a language model, in place of ours
mood        how the news sound, written down as it is known
reasons     why each step found what it found, in plain words of both languages
"""
