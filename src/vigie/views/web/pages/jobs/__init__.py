"""Long work on pages: what is queued, how far it is, its log."""
