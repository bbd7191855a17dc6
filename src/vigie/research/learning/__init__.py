"""What models are fed and what can be seen of it before any is fitted.

feature_inputs  bars, other instruments and facts joined by the time at which each was known
exploration     columns over the first part of the time: distribution, gaps, tests, what they say of a label

"""
