"""Label Studio: a server of our own, and the review queue behind which people answer."""
