"""The scheduled job: it does what changed, once, publishes what it may, and says what it did."""
