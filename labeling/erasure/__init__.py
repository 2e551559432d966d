"""Forgetting: a row with all that was derived from it, in the state, the files and the review queue."""
