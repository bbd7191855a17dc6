"""The Studio: boards of charts, tables and words, composed and exported."""
