"""The steps of reading, a file each; the folder is the registry."""
