"""What the answers of people tell of the people: agreement, consensus, quality, anchoring, time."""
