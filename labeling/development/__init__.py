"""Views for people who write labelling functions: examples, errors, effects of an edit, suggestions."""
