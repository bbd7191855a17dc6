"""Plans: their list, the form that makes one, and each one in full."""
