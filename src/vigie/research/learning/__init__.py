"""What models are fed and what can be seen of it before any is fitted.

feature_inputs  bars, other instruments and facts joined by the time at which each was known

"""
