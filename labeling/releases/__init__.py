"""Releases: what is given out at a time, what it was made of, and how one differs from another."""
