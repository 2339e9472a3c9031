"""A linter for texts that people read, in English and French. Style sheet: ``docs/developers/words.md``."""
