"""The schema's history, one file a revision; `python -m storage.migrations.new <word>` writes the next."""
