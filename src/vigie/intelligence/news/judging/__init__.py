"""How headlines sound, what they are about and what speaks against believing them.

ngrams     words, pairs of words and runs of letters: what a linear model sees
lexicon    words that sound good or bad, in English and French
rows       the headlines that were written and labelled for this project, and the ones a user labelled
linear_model  a fitted model: read from a safe file, scored with numpy only
gram_scorer  several models' grams, counted once for all of them
model_card  what was measured of the shipped model of sentiment
calibration  how sure a model may be
fitting    how a model is fitted to rows; the only part that needs scikit-learn
vectors    word vectors of others, read from their files
topic_rules  rules by which a headline has a topic
hosts      domains that are made to look like another's
phrase_matcher  many wordings asked of one text
wording_signs  wordings of giveaways, scams, clickbait and anonymous claims
"""
