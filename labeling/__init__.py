"""The engine: items, votes, label models, certificates, routing, state and the loop."""
