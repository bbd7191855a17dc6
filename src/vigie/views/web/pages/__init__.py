"""Pages, one folder each: `page.py`, `page.html`; the folder is the registry."""
