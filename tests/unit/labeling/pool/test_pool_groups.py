"""How a pool falls into groups: by the machine's label or by slice, equal texts together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from labeling.certificates.grouping import APART
from labeling.certificates.units import Clusters
from labeling.pool import load_pool
from labeling.pool.groups import agreed, group_units, slice_groups
from tests.projects import opened, write_project

SLICES = """
slices:
  lamps: {where: "'lamp' in text"}
  bulbs: {where: "'bulb' in text"}
  fires: {where: "'smoke' in text", critical: true}
"""

ROWS = [
    {"id": "a", "text": "the lamp", "label": "BILL"},
    {"id": "b", "text": "the lamp and its bulb", "label": "SHIP"},
    {"id": "c", "text": "a bulb", "label": "SHIP"},
    {"id": "d", "text": "smoke", "label": "FIRE"},
    {"id": "e", "text": "something else", "label": "BILL"},
]


def test_clusters_whose_items_differ_belong_to_no_group() -> None:
    clusters = Clusters.of(np.array(["x", "y", "x", "z", "y"], dtype=object))
    np.testing.assert_array_equal(agreed(clusters, np.array([1, 0, 1, APART, 2])), [1, APART, APART])
    np.testing.assert_array_equal(agreed(clusters, np.array([APART, 0, 1, 3, 0])), [APART, 0, 3])


def test_a_text_in_several_slices_counts_in_the_first_and_critical_slices_are_none(tmp_path: Path) -> None:
    with opened(write_project(tmp_path, ROWS, more=SLICES)) as project:
        names, group = slice_groups(project, load_pool(project))
    assert names == ("lamps", "bulbs")
    assert group.tolist() == [0, 0, 1, APART, APART]


@pytest.mark.parametrize("by", ["class", "slice"])
def test_populations_count_what_is_not_outside(tmp_path: Path, by: str) -> None:
    with opened(write_project(tmp_path, ROWS, more=SLICES)) as project:
        pool = load_pool(project)
        labels = np.array([0, 1, 1, 2, 0], dtype=np.int8)
        found = group_units(
            project, pool, by, labels, np.array([False, True, False, False, False]), {"SHIP": 2.0}
        )
        clusters = Clusters(*pool.items.cluster_groups)
    assert len(found.unit) == len(clusters)
    assert found.by == by
    if by == "class":
        assert found.names == ("BILL", "SHIP", "FIRE")
        assert found.unit[clusters.unit].tolist() == labels.tolist()
        assert found.population.tolist() == [2, 1, 1]
        assert found.title(1) == "class SHIP"
        assert found.doubt.tolist() == [1, 2, 1]
    else:
        assert found.population.tolist() == [1, 1]
        assert found.title(0) == "slice lamps"
