"""The buckets of a voter's items by name, with what each holds."""

from collections.abc import Mapping

BUCKETS: Mapping[str, str] = {
    "wrong": "it votes, and gold says otherwise",
    "missed": "it abstains, and gold is a class that it votes for",
    "right": "it votes as gold says",
    "doubted": "it votes, and the other voters together are sure of another class",
    "disputed": "another voter votes for another class",
}
