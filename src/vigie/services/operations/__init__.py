"""Operations by topic: what pages, programs and agents may ask or order; the folder is the registry."""
