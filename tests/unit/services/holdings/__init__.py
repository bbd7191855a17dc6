"""Tests of what people own: lines by hand, worth, returns, gains."""
