"""The sections of a project's YAML file."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, Strict

from labeling.config.addresses import is_private
from labeling.config.slices import SliceExpression, parse_slice

IMPORT_PATH = r"[^:\s]+:[A-Za-z_]\w*"

Name = Annotated[str, Field(min_length=1)]
Integer = Annotated[int, Strict()]
Real = Annotated[float, Strict(), Field(allow_inf_nan=False)]


ROW_TEXT = "row_text"
"""The column that stands for the text of items that have none."""


class Section(BaseModel):
    """A part of the file; a field's description is what an error message says was expected."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ItemsConfig(Section):
    """Where the rows are and what their columns mean."""

    path: Name = Field(description="a file, glob or URL", examples=["data/pool.csv"])
    id: Name = Field(default="id", description="text, the column of row ids", examples=["id"])
    text: Name | None = Field(
        default="text", description="text, the column that people read, or null", examples=["text"]
    )
    fields: tuple[str, ...] | None = Field(default=None, description="a list of columns", examples=[["text"]])
    private: tuple[str, ...] = Field(default=(), description="a list of columns", examples=[["email"]])

    @property
    def text_field(self) -> str:
        """The column that people read; where there is none, the one that all public fields are written to."""
        return self.text or ROW_TEXT


class GoldConfig(Section):
    """The column of known labels."""

    column: Name = Field(description="text, a column of the items", examples=["label"])
    use: Literal["score", "seed"] = "score"


class HeldOutConfig(Section):
    """The held-out file, read by reports alone."""

    path: Name = Field(description="a file, glob or URL", examples=["data/test.csv"])
    column: Name = Field(description="text, a column of the held-out file", examples=["label"])


class ClassConfig(Section):
    """One class."""

    name: Name = Field(description="text, the name of a class", examples=["SPAM"])
    definition: str = Field(default="", description="text", examples=["Advertises something else"])
    examples: tuple[str, ...] = Field(default=(), description="a list of texts", examples=[["buy now"]])
    includes: tuple[str, ...] = Field(
        default=(), description="a list of texts", examples=[["links to own channels"]]
    )
    excludes: tuple[str, ...] = Field(
        default=(), description="a list of texts", examples=[["links to the artist's page"]]
    )
    near_misses: tuple[str, ...] = Field(
        default=(), description="a list of texts", examples=[["who is here in 2026?"]]
    )
    critical: bool = Field(default=False, description="true or false", examples=[True])


class LLMConfig(Section):
    """A language model with the prompts that it votes by."""

    model: Name = Field(description="text, the name of a model", examples=["claude-haiku-4-5"])
    prompts: tuple[Name, ...] = Field(
        min_length=1, description="a list of prompt files", examples=[["configs/prompts/spam.md"]]
    )
    budget: Real | None = Field(default=None, ge=0, description="US dollars from 0", examples=[5.0])
    mode: Literal["direct", "batch"] = "direct"
    base_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^/\s]",
        description="an http address",
        examples=["http://127.0.0.1:11434"],
    )
    consent: bool = Field(default=False, description="true or false", examples=[True])
    in_flight: Integer = Field(
        default=32, ge=1, le=1000, description="a whole number in [1, 1000]", examples=[32]
    )

    @property
    def leaves(self) -> bool:
        """Whether items leave this machine and its private network."""
        return self.base_url is None or not is_private(self.base_url)

    @property
    def may_send(self) -> bool:
        """Whether items may be sent."""
        return self.consent or not self.leaves


class VoterConfig(Section):
    """One source of votes: functions, columns of recorded votes or a language model; exactly one of them."""

    functions: Name | None = Field(
        default=None, description="text, a file or module", examples=["lfs/spam.py"]
    )
    columns: tuple[Name, ...] = Field(
        default=(), min_length=1, description="a list of column globs", examples=[["lf_*"]]
    )
    llm: LLMConfig | None = None
    time_limit: Real = Field(
        default=10.0, gt=0, description="seconds of one call, more than 0", examples=[10.0]
    )
    max_fault_rate: Real = Field(default=0.1, ge=0, le=1, description="a number in [0, 1]", examples=[0.1])


class SliceConfig(Section):
    """A named part of the items."""

    where: str = Field(description="text, an expression over columns", examples=["language == 'de'"])
    critical: bool = Field(default=False, description="true or false", examples=[True])

    @cached_property
    def expression(self) -> SliceExpression:
        """The parsed expression."""
        return parse_slice(self.where)


class LabelModelConfig(Section):
    """How votes are weighed."""

    kind: Literal[
        "snorkel",
        "majority",
        "weighted_majority",
        "naive_bayes",
        "dawid_skene",
        "one_coin",
        "triplet",
        "auto",
    ] = "snorkel"
    seed: Integer = Field(default=0, ge=0, lt=2**32, description="a whole number from 0", examples=[0])


class LearnerConfig(Section):
    """What the learner sees of an item, and what learns from it."""

    features: str = Field(
        default="tfidf",
        pattern=rf"^(tfidf|embeddings|hashing|{IMPORT_PATH})$",
        description="tfidf, embeddings, hashing, or FILE.py:NAME or MODULE:NAME of a transformer",
        examples=["tfidf"],
    )
    embeddings: Name | None = Field(
        default=None, description="text, a folder of a sentence-transformers model", examples=["models/mine"]
    )
    fields: tuple[Name, ...] = Field(
        default=(), description="a list of columns beside the text", examples=[["length"]]
    )
    estimator: str | None = Field(
        default=None,
        pattern=rf"^{IMPORT_PATH}$",
        description="FILE.py:NAME or MODULE:NAME of a classifier",
        examples=["lfs/model.py:new_model"],
    )


class GroupsConfig(Section):
    """Promises for parts of the data in place of one for all of it."""

    by: Literal["class", "slice"] = "class"
    most: Integer = Field(default=3, ge=1, description="a whole number from 1", examples=[3])


class RoutingConfig(Section):
    """What is promised of machine labels."""

    promise: Literal["dataset", "selective"] = "dataset"
    alpha: Real = Field(default=0.05, gt=0, lt=1, description="a number in (0, 1)", examples=[0.05])
    delta: Real = Field(default=0.05, gt=0, lt=1, description="a number in (0, 1)", examples=[0.05])
    audit: Integer = Field(default=400, ge=0, description="a whole number from 0", examples=[400])
    target: Real | None = Field(
        default=None, gt=0, le=1, description="a number in (0, 1], or null", examples=[0.9]
    )
    double_audit: Real = Field(default=0.1, ge=0, le=1, description="a number in [0, 1]", examples=[0.1])
    critical_floor: Real = Field(default=0.02, ge=0, le=1, description="a number in [0, 1]", examples=[0.02])
    groups: GroupsConfig | None = None
    looks: Integer = Field(default=10, ge=1, description="a whole number from 1", examples=[10])
    watch: Integer = Field(default=5, ge=0, description="a whole number from 0", examples=[5])
    expires: Integer | None = Field(default=None, ge=1, description="days from 1, or null", examples=[30])


class ActiveConfig(Section):
    """How items are chosen for people."""

    strategy: Literal[
        "auto",
        "class_balanced",
        "disagreement",
        "diverse_margin",
        "entropy",
        "k_center",
        "least_confidence",
        "margin",
        "random",
        "ranked_batch",
        "typical_first",
        "variance_reduction",
        "vote_entropy",
    ] = "auto"
    batch: Integer = Field(default=50, ge=1, description="a whole number from 1", examples=[50])
    uniform_share: Real = Field(default=0.1, ge=0, le=1, description="a number in [0, 1]", examples=[0.1])
    minimum_share: Real = Field(default=0.1, ge=0, le=1, description="a number in [0, 1]", examples=[0.1])
    second_opinions: Real = Field(default=0.0, ge=0, le=1, description="a number in [0, 1]", examples=[0.2])


class PeopleConfig(Section):
    """What people may answer, what it amounts to, what is held back from them, what they cost."""

    consensus: Literal["majority", "dawid_skene", "with_model"] = "majority"
    unclear: Name | None = Field(
        default=None, description="text, an answer beside the classes, or null", examples=["None of these"]
    )
    withheld: Real = Field(default=0.1, ge=0, le=1, description="a number in [0, 1]", examples=[0.1])
    cost_per_hour: Real | None = Field(default=None, ge=0, description="a number from 0", examples=[25.0])


class DevConfig(Section):
    """The split that who writes functions may look at."""

    share: Real = Field(default=0.0, ge=0, lt=1, description="a number in [0, 1)", examples=[0.1])


class LabelStudioConfig(Section):
    """Where people answer."""

    url: str = Field(
        default="local",
        pattern=r"^(local|https?://\S+)$",
        description="local or an http address",
        examples=["local"],
    )
    interface: Name | None = Field(
        default=None,
        description="a file of XML, or null",
        examples=["configs/label_studio/spam.xml"],
    )


class DriftConfig(Section):
    """How far new rows may differ from those of the current release before a job holds a release back."""

    scores: Real = Field(default=0.25, gt=0, description="a number above 0", examples=[0.25])
    coverage: Real = Field(default=0.15, gt=0, le=1, description="a number in (0, 1]", examples=[0.15])
    classes: Real = Field(default=0.15, gt=0, le=1, description="a number in (0, 1]", examples=[0.15])


class RelabelConfig(Section):
    """What the scheduled job may do by itself."""

    certify: Literal["never", "when_ready"] = "never"
    drift: DriftConfig = DriftConfig()
    webhook: str | None = Field(
        default=None,
        pattern=r"^(https?://\S+|\$[A-Za-z_]\w*)$",
        description="an http address, or $ and the name of a variable that holds one",
        examples=["$RELABEL_WEBHOOK"],
    )


class StateConfig(Section):
    """Where the project's own data are kept; left out, under ``work/PROJECT``."""

    url: str | None = Field(
        default=None,
        pattern=r"^(sqlite|postgresql)(\+\w+)?://",
        description="an SQLite or PostgreSQL URL",
        examples=["sqlite:///work/spam/state.db"],
    )
    artifacts: Name | None = Field(default=None, description="a folder or URL", examples=["work/spam"])
    disk: Real | None = Field(default=None, gt=0, description="gigabytes, more than 0", examples=[20])
