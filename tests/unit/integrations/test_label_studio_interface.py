from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from integrations.label_studio.interface import HOTKEYS, data_keys, instructions, interface
from labeling.types import LabelClass, LabelSchema

# What XML 1.0 can hold, without the white space that attributes normalise.
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cn", "Cc"]), min_size=1)


def schema(*names: str, guideline: str = "") -> LabelSchema:
    return LabelSchema(tuple(LabelClass(name, f"definition of {name}") for name in names), guideline)


@given(st.lists(texts, min_size=2, unique=True), st.lists(texts, max_size=3, unique=True))
def test_any_name_survives_in_the_xml(names: list[str], fields: list[str]) -> None:
    tree = ET.fromstring(interface(schema(*names), fields))
    choices = tree.findall(".//Choice")
    assert [choice.get("value") for choice in choices] == names
    assert [choice.get("hint") for choice in choices] == [f"definition of {name}" for name in names]
    shown = [text.get("value") for text in tree.findall(".//Text")]
    assert shown == [*(f"${key}" for key in data_keys(fields).values()), "$text"]
    told = [header.get("value") for header in tree.findall(".//Header")]
    assert (told[0], told[-1]) == ("$critical", "$why"), "a header asks no task for the field, as a text does"


def test_choices_are_single_and_required() -> None:
    [choices] = ET.fromstring(interface(schema("A", "B"))).iter("Choices")
    assert (choices.get("choice"), choices.get("required")) == ("single", "true")
    assert (choices.get("name"), choices.get("toName")) == ("label", "text")


def test_hotkeys_are_unique_and_end_where_keys_end() -> None:
    many = schema(*(f"class {i}" for i in range(30)))
    keys = [choice.get("hotkey") for choice in ET.fromstring(interface(many)).iter("Choice")]
    assert keys[:3] == ["1", "2", "3"]
    assert len(set(HOTKEYS)) == len(HOTKEYS)
    assert keys == [*HOTKEYS, *[None] * (30 - len(HOTKEYS))]


def test_a_choice_without_definition_has_no_hint() -> None:
    bare = LabelSchema((LabelClass("A"), LabelClass("B")))
    assert "hint" not in interface(bare)


def test_that_no_class_fits_is_a_choice_where_it_is_allowed() -> None:
    told = replace(schema("A", "B"), unclear="None <of> these")
    choices = list(ET.fromstring(interface(told)).iter("Choice"))
    assert [(c.get("value"), c.get("hotkey")) for c in choices][1:] == [("B", "2"), ("None <of> these", "3")]
    assert "no class fits" in str(choices[-1].get("hint"))
    assert "<b>None &lt;of&gt; these</b>: no class fits" in instructions(told)
    assert "no class fits" not in interface(schema("A", "B")) + instructions(schema("A", "B"))


@given(st.lists(st.text(), unique=True))
def test_data_keys_are_plain_different_and_never_ours(fields: list[str]) -> None:
    keys = list(data_keys(fields).values())
    assert len(set(keys)) == len(fields)
    assert all(re.fullmatch(r"\w+", key) for key in keys)
    assert not {"text", "ext_id", "why", "critical"} & set(keys)


def test_instructions_escape_what_comes_from_the_config() -> None:
    told = instructions(
        LabelSchema(
            (LabelClass("<b>", "less < more", ("<script>x</script>",)), LabelClass("B")),
            "First & foremost.\n\nThen <i>this</i>.",
        )
    )
    root = ET.fromstring(f"<div>{told}</div>")
    assert [p.text for p in root.findall("p")] == ["First & foremost.", "Then <i>this</i>."]
    assert [b.text for b in root.iter("b")] == ["<b>", "B"]
    assert [i.text for i in root.iter("i")] == ["<script>x</script>"]
    assert "less < more" in "".join(root.itertext())


def test_people_are_told_what_models_are_told_of_the_borders() -> None:
    spam = LabelClass("SPAM", includes=("own <channels>",), excludes=("the artist",), near_misses=("who?",))
    root = ET.fromstring(f"<div>{instructions(LabelSchema((LabelClass('HAM'), spam)))}</div>")
    told = [li.text for li in root.iter("li") if li.text]
    assert told == [
        "includes: own <channels>",
        "does not include: the artist",
        "looks like it and is not: who?",
    ]
