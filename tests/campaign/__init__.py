"""The fault campaign: the real process against the sandbox while things go wrong, and a table of what came of it."""
