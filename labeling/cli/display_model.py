"""The end model, and what was scored with it, in a terminal."""

from __future__ import annotations

from typing import Any

from labeling.cli.display import say, to_stderr


def exported(result: dict[str, Any]) -> None:
    """Print what was exported: labels, the end model, or both."""
    if "out" in result:
        sources = ", ".join(f"{n} {name}" for name, n in result["sources"].items()) or "no labels yet"
        say(f"wrote {result['rows']} rows to {result['out']}: {sources}")
    if "model" in result:
        _model(result["model"])


def _model(about: dict[str, Any]) -> None:
    learnt, release = about["trained_on"], about["release"]["number"]
    sources = ", ".join(f"{n} {name}" for name, n in learnt["sources"].items())
    say(f"wrote a model to {about['folder']}: learnt from {learnt['contents']} texts of release {release}")
    say(f"  labels: {sources}; {learnt['kept_apart']} of the audit were kept apart")
    if about["held_out"]:
        say(f"  {figures(about['held_out'])}")
    for remark in about["remarks"]:
        say(f"  {remark}")
    if about["unseen"]:
        say(f"  never seen: {', '.join(about['unseen'])}")


def figures(held_out: dict[str, Any]) -> str:
    """Put figures on labels that a model has not seen into words."""
    how = "on held-out rows" if held_out["how"] == "test" else "out of fold on people's labels"
    low, high = held_out["accuracy_low"], held_out["accuracy_high"]
    return (
        f"accuracy {held_out['accuracy']:.3f} ({low:.3f} to {high:.3f}) {how}, n {held_out['n']}; "
        f"log-loss {held_out['log_loss']:.3f}, calibration error {held_out['ece']:.3f}"
    )


def scored(result: dict[str, Any]) -> None:
    """Tell on standard error what was scored; standard output may hold the scores."""
    labels = ", ".join(f"{n} {name}" for name, n in result["labels"].items())
    to_stderr(f"scored {result['texts']} texts to {result['out']}: {labels or 'nothing'}")
