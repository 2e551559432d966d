"""Feature spaces by their names in a config."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from active.custom import own_object
from active.features.embeddings import Embeddings
from active.features.fields import Fields
from active.features.hashing import HashedText
from active.features.own import OwnTransformer
from active.features.parts import Part
from active.features.space import FeatureSpace
from active.features.text import TfidfText


def text_space(seed: int = 0) -> FeatureSpace:
    """Give the default: words and characters of the text, smoothed."""
    return FeatureSpace((TfidfText(seed=seed),))


def new_space(
    features: str,
    fields: Sequence[str],
    *,
    has_text: bool,
    embeddings: Path | None,
    root: Path,
    seed: int,
) -> FeatureSpace:
    """Give the feature space that a config asks for.

    Parameters
    ----------
    features : str
        ``tfidf``, ``embeddings``, ``hashing``, or the import path of a transformer.
    fields : sequence of str
        Fields beside the text.
    has_text : bool
        Whether items have a text; without one, the fields are all that is seen.
    embeddings : Path, optional
        The folder of a model in place of the one of the extra.
    root : Path
        Of the project.
    seed : int

    Raises
    ------
    InputError
        A transformer cannot be loaded.
    """
    names = tuple(dict.fromkeys(fields))
    beside = (Fields(names),) if names else ()
    if ":" in features:
        own = own_object(features, root, "learner.features", ("fit", "transform"))
        part = OwnTransformer(own, () if has_text else names, seed)
        return FeatureSpace((part, *beside) if has_text else (part,))
    if not has_text:
        return FeatureSpace(beside)
    parts: dict[str, tuple[Part, ...]] = {
        "tfidf": (TfidfText(seed=seed),),
        "embeddings": (TfidfText(seed=seed), Embeddings(embeddings)),
        "hashing": (HashedText(seed=seed),),
    }
    return FeatureSpace((*parts[features], *beside), smoothing=features != "hashing")
