"""Which items a person should see next: features, learner, query strategies."""
