"""The loop: rounds, exchange with the queue, certificates' lives."""
