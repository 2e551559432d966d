"""The end model: a classifier of texts trained on a release, its folder, and the scoring of new texts."""
