from __future__ import annotations

from labeling.spending.batch_questions import Questions
from labeling.spending.conversation import Question
from labeling.types import Item
from tests.llm_voters import PlainVoter, item

VOTER = PlainVoter()


def question(text: str, digest: str | None = None) -> Question:
    made = item(text) if digest is None else Item(digest, {"text": text})
    return Question(made, VOTER.request(made))


def asked(questions: Questions) -> list[str]:
    return [each.item.text for each in questions.to_ask()]


def test_questions_are_asked_in_order_and_equal_ones_once() -> None:
    questions = Questions()
    for each in (question("b"), question("a", "first"), question("a", "second")):
        questions.add(each)
    assert asked(questions) == ["b", "a"]
    assert (len(questions), questions.n_to_ask) == (2, 2)
    assert [each.item.digest for each in questions.take(question("a").request.digest)] == ["first", "second"]
    assert asked(questions) == ["b"]


def test_what_is_out_is_not_asked_until_it_comes_back_without_an_answer() -> None:
    questions, out, new = Questions(), question("out"), question("new")
    questions.add(out, is_out=True)
    questions.add(new)
    questions.sent(new.request.digest)
    assert asked(questions) == []
    questions.again(out.request.digest)
    questions.again("of nobody here")
    assert asked(questions) == ["out"]
    assert questions.request(new.request.digest) == new.request
    assert questions.request("of nobody here") is None


def test_what_was_taken_is_gone() -> None:
    questions, one = Questions(), question("one")
    questions.add(one)
    assert questions.take(one.request.digest) == [one]
    assert questions.take(one.request.digest) == []
    questions.again(one.request.digest)
    assert asked(questions) == []
    assert len(questions) == 0


def test_a_twin_of_a_question_that_is_out_waits_with_it() -> None:
    questions = Questions()
    questions.add(question("a", "first"), is_out=True)
    questions.add(question("a", "second"))
    assert asked(questions) == []
    assert len(questions.take(question("a").request.digest)) == 2
