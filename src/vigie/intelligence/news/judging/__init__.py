"""How headlines sound, what they are about and what speaks against believing them.

grams      words, pairs of words and runs of letters: what a linear model sees
lexicon    words that sound good or bad, in English and French
rows       the headlines that were written and labelled for this project, and the ones a user labelled
linear     a fitted model: read from a safe file, scored with numpy only
together   several models' grams, counted once for all of them
card       what was measured of the shipped model of sentiment
calibration  how sure a model may be
fitting    how a model is fitted to rows; the only part that needs scikit-learn
vectors    word vectors of others, read from their files
subjects   rules by which a headline has a topic
hosts      domains that are made to look like another's
bait       wordings of giveaways, scams, clickbait and anonymous claims
"""
