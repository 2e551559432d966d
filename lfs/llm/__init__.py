"""Language models as voters: prompts, questions, answers."""

from lfs.llm.loading import load_voters

__all__ = ["load_voters"]
