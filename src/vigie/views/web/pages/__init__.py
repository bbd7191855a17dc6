"""Pages, one folder each: `page.py`, `page.html`, `fr.po`; the folder is the registry."""
