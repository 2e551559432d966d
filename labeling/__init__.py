"""The engine: items, votes, label models, certificates, routing, state and the loop."""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labeling.label_models import MajorityModel, SnorkelModel
    from labeling.notebook import Buckets, VoteAnalysis, analyse, apply, buckets
    from labeling.types import LabelClass, LabelModel, LabelSchema, VoteMatrix

__all__ = [
    "Buckets",
    "LabelClass",
    "LabelModel",
    "LabelSchema",
    "MajorityModel",
    "SnorkelModel",
    "VoteAnalysis",
    "VoteMatrix",
    "analyse",
    "apply",
    "buckets",
]

_HOMES = {
    "LabelClass": "labeling.types",
    "LabelModel": "labeling.types",
    "LabelSchema": "labeling.types",
    "MajorityModel": "labeling.label_models",
    "SnorkelModel": "labeling.label_models",
    "VoteMatrix": "labeling.types",
    **dict.fromkeys(("Buckets", "VoteAnalysis", "analyse", "apply", "buckets"), "labeling.notebook"),
}


def __getattr__(name: str) -> Any:
    # The command line imports this package, too, and needs little of it.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


class _Engine(ModuleType):
    """This package: importing its module ``labeling.apply`` must not hide the function of that name."""

    @property
    def apply(self) -> Any:
        return __getattr__("apply")

    @apply.setter
    def apply(self, module: ModuleType) -> None:
        pass


sys.modules[__name__].__class__ = _Engine
