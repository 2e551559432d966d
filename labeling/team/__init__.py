"""What a team lead sees of the people who answer, read from state."""
