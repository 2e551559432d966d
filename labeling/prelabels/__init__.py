"""What language models are asked beforehand: plans, runs, what was asked and answered."""
