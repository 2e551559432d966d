"""Labelling functions: what data scientists import."""
