"""The design system on one page."""
