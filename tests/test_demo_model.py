"""The demo model, spoken to as the gateway speaks to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from configurable_agents.builtins.providers.demo import DemoProvider
from configurable_agents.errors import ModelError, SettingsError
from configurable_agents.gateway.replies import ReplyProblem, asked_again
from configurable_agents.gateway.structured import instructed, wanted
from configurable_agents.plugins.models import Message, ModelRequest, ModelResponse, ModelSettings, OutputSchema
from configurable_agents.spec.types import Scalar

STR: dict[str, Any] = {"type": "string"}
INT: dict[str, Any] = {"type": "integer"}
NUM: dict[str, Any] = {"type": "number"}
BOOL: dict[str, Any] = {"type": "boolean"}
DATE: dict[str, Any] = {"type": "string", "format": "date"}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def arr(item: dict[str, Any], **rules: int) -> dict[str, Any]:
    return {"type": "array", "items": item, **rules}


def enum(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def optional(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


def call(
    *messages: Message | str, schema: dict[str, Any] | None = None, max_tokens: int | None = None, model: str = "demo"
) -> ModelResponse:
    turns = [Message("user", message) if isinstance(message, str) else message for message in messages]
    output = OutputSchema("reply", schema) if schema is not None else None
    request = ModelRequest(model, turns, ModelSettings(max_tokens=max_tokens), output)
    return asyncio.run(DemoProvider().complete(request))


def say(*messages: Message | str) -> str:
    return call(*messages).text


def fill(prompt: str, **properties: Any) -> Any:
    """The reply of these properties to a prompt, valid for their schema."""
    schema = obj(**properties)
    value = json.loads(call(prompt, schema=schema).text)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
    return value


def test_the_provider_refuses_other_models_costs_nothing_and_keeps_to_max_tokens() -> None:
    with pytest.raises(ModelError, match="demo-large") as caught:
        call("Hello", model="demo-large")
    assert (caught.value.code, caught.value.hint) == ("unknown_model", "Its only model is called demo.")
    with pytest.raises(SettingsError, match="demo-large"):
        DemoProvider().check("demo-large", ModelSettings())
    reply = call(Message("system", "You are kind."), "Say hello to Ada.")
    assert (reply.cost_usd, reply.stop_reason, reply.usage.input_tokens) == (0.0, "stop", 4 + 5)
    assert reply.usage.output_tokens == -(-len(reply.text) // 4)
    cut = call("Write an article about tidal energy.", max_tokens=10)
    assert (cut.usage.output_tokens, cut.stop_reason) == (10, "length")
    assert cut.text == say("Write an article about tidal energy.")[:40]
    assert json.loads(call("Write about tea.", schema=obj(article=STR), max_tokens=3).text), "half an object is none"


def test_the_same_request_gets_the_same_reply_in_every_process() -> None:
    script = (
        "import asyncio\n"
        "from configurable_agents.builtins.providers.demo import DemoProvider\n"
        "from configurable_agents.plugins.models import Message, ModelRequest, ModelSettings, OutputSchema\n"
        f"messages = [Message('user', {ORDER!r})]\n"
        f"for output in (OutputSchema('r', {ORDER_SCHEMA!r}), None):\n"
        "    request = ModelRequest('demo', messages, ModelSettings(), output)\n"
        "    print(asyncio.run(DemoProvider().complete(request)).text)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"}
    printed = set()
    for seed in ("1", "2", "3"):
        environment["PYTHONHASHSEED"] = seed
        printed.add(subprocess.check_output([sys.executable, "-c", script], env=environment, encoding="utf-8"))
    assert printed == {f"{call(ORDER, schema=ORDER_SCHEMA).text}\n{call(ORDER).text}\n"}


def test_the_subject_is_found_and_the_form_asked_for_is_kept() -> None:
    for prompt, subject in (
        ("Write about the history of tea in Japan for beginners, in three sentences.", "the history of tea in Japan"),
        ("Explain how batteries work to a child.", "batteries"),
        ("Topic: bees\nAudience: children\n\nWrite a short text.", "bees"),
        ('Write two sentences about "green roofs" and end with a question.', "green roofs"),
        ("# Task\nWrite a product description for a solar lamp.\n\n# Style\nWarm, short.", "a solar lamp"),
    ):
        assert say(prompt).startswith(f"Most people have heard of {subject}, and yet")

    for asked, count in (("in one sentence", 1), ("in exactly seven sentences", 7)):
        assert len(re.findall(r"[.!?](?:\s|$)", say(f"Describe tidal energy {asked}."))) == count
    assert len(say("Write about tea in at most 25 words.").split()) <= 25
    assert len(say("Write an article about tea in two paragraphs.").split("\n\n")) == 2
    assert len(re.findall(r"^- ", say("Give me four bullet points on tea."), re.MULTILINE)) == 4


def test_tasks_are_answered_in_their_own_ways() -> None:
    assert "Ada Lovelace" in say("Write a friendly greeting for Ada Lovelace in one sentence.")
    assert say("Suggest a title for an article about tidal energy.") == "Tidal Energy: A Closer Look"
    assert say("Summarise in one sentence: The tide rises. The fish do not mind.") == "In short: The tide rises."
    assert say("Translate into French: The train leaves at noon.") == "[French] The train leaves at noon."
    reply = say(Message("system", "Answer the customer."), "I was charged twice.")
    assert '"I was charged twice". We will compare the charge' in reply
    question = "Context: The office opens at nine. Parking is free.\n\nQuestion: When does the office open?"
    assert say(f"Answer from the context.\n\n{question}") == "According to the text: The office opens at nine."
    assert "demo model knows no facts" in say("Why is the sky blue?")
    outlined = say("Write an article about tea. Use this outline:\n- Origins of tea\n- Tea today")
    assert outlined.index("Origins of tea") < outlined.index("Tea today")
    assert say("Rewrite in plain words: We utilize it daily, and it works.") == "We use it daily. It works."


TOPIC = enum("billing", "technical", "other")


def test_values_of_enums_and_booleans_are_chosen_by_the_content() -> None:
    tickets = ("I was charged twice on my invoice", "The app crashes on login", "Do you have a shop in Oslo?")
    for prompt in (
        "What is this ticket about? {}",
        "Classify the ticket as billing, technical or other.\n\nTicket: {}",
        "Sort this message into one of: technical, billing, other.\n\n{}",
        'Is "{}" a billing, technical or other question?',
    ):
        topics = [fill(prompt.format(ticket), topic=TOPIC)["topic"] for ticket in tickets]
        assert topics == ["billing", "technical", "other"]
    assert fill("Choose billing, technical or other.", topic=TOPIC)["topic"] == "other"
    sure = [fill(f'Answer "{said}" and say how sure you are.', sure=SHARE)["sure"] for said in (tickets[0], "???")]
    assert sure[0] >= 0.7 > sure[1]

    for text, sentiment in (("I love this.", "positive"), ("It broke, terrible.", "negative"), ("A lamp.", "neutral")):
        prompt = f"Is this review positive, negative or neutral?\n\nReview: {text}"
        assert fill(prompt, sentiment=enum("positive", "negative", "neutral"))["sentiment"] == sentiment
    level = enum("low", "medium", "high")
    assert fill("How severe is this? The whole site crashed, urgent!", severity=level)["severity"] == "high"
    spam = "Is this message spam?\n\nYou won a prize, click here!"
    assert fill(spam, spam=BOOL, answer=enum("yes", "no")) == {"spam": True, "answer": "yes"}
    assert fill("Is this message spam?\n\nSee you at lunch.", spam=BOOL)["spam"] is False


def test_a_draft_gets_better_grades_each_time_it_is_revised() -> None:
    draft = say("Write a first draft of a paragraph about remote work.")
    grades, feedback = [], set()
    for _ in range(3):
        prompt = f"Judge this draft for clarity. Give a score from 0 to 1 and feedback.\n\n{draft}"
        judged = fill(prompt, score=SHARE, feedback=STR, approved=BOOL, verdict=enum("revise", "accept"))
        grades.append((judged["score"], judged["approved"], judged["verdict"]))
        feedback.add(judged["feedback"])
        longer = say(f"Improve the draft using the feedback.\n\nDraft:\n{draft}\n\nFeedback:\n{judged['feedback']}")
        assert longer.startswith(f"{draft} ")
        draft = longer
    assert grades == [(0.58, False, "revise"), (0.74, True, "accept"), (0.89, True, "accept")]
    assert len(feedback) == 3


def test_loops_end_however_they_are_worded() -> None:
    judges = ("Rate this: {0}", 'How good is "{0}"?', "Score the draft.\n\n<draft>{0}</draft>")
    revisers = (
        'Improve "{0}". Feedback: Add an example.',
        "Rewrite the draft below so that it answers the feedback.\n\nFeedback: Too short.\n\nDraft: {0}",
        "You are an editor. Polish the following.\n\n<draft>\n{0}\n</draft>\n\n<feedback>Too short.</feedback>",
    )
    for judge, revise in product(judges, revisers):
        draft, scores = "Remote work saves time", []
        for _ in range(4):
            scores.append(fill(judge.format(draft), score={**INT, "minimum": 1, "maximum": 10})["score"])
            draft = say(revise.format(draft))
        assert scores == sorted(set(scores))
        assert scores[2] >= 8


def test_a_reviewer_finds_fewer_faults_in_what_was_revised() -> None:
    text, counts = "Tea is good.", []
    for _ in range(3):
        counts.append(len(fill(f"Review this text. List its problems.\n\nText: {text}", problems=arr(STR))["problems"]))
        text = say(f"Revise this text.\n\nText: {text}\n\nFeedback: Too short.")
    assert counts == [3, 1, 0]
    anew = say("Write about tea.\n\nFeedback: Too short.")
    assert len(anew) > len(say("Write about tea.")), "a text is better, too, when it is written anew after feedback"


ORDER = """Extract the order: Jane Miller, jane@example.com ordered 2 lamps for 39.90 EUR each and 1 desk for 120 EUR on
2026-03-14, ship to 5 Elm Street, Leeds"""
LINES, ADDRESS = arr(obj(name=STR, quantity=INT, price=NUM)), obj(street=STR, city=STR, postcode=optional(STR))
ORDER_SCHEMA = obj(customer=obj(name=STR, email=STR), items=LINES, address=ADDRESS, on=DATE, paid_in=enum("USD", "EUR"))


def test_an_order_is_extracted() -> None:
    assert fill(ORDER, **ORDER_SCHEMA["properties"]) == {
        "customer": {"name": "Jane Miller", "email": "jane@example.com"},
        "items": [{"name": "lamps", "quantity": 2, "price": 39.9}, {"name": "desk", "quantity": 1, "price": 120.0}],
        "address": {"street": "5 Elm Street", "city": "Leeds", "postcode": None},
        "on": "2026-03-14",
        "paid_in": "EUR",
    }


def test_labelled_lines_named_numbers_and_lists_are_taken() -> None:
    card = "Name: Grace Hopper\nJob title: rear admiral\nSkills: COBOL, compilers and mathematics\nRetired: yes"
    asked = {"name": STR, "job_title": STR, "skills": arr(STR), "retired": BOOL, "spouse": optional(STR)}
    person = fill(f"Extract the person.\n\n{card}", **asked)
    assert list(person.values()) == ["Grace Hopper", "rear admiral", ["COBOL", "compilers", "mathematics"], True, None]
    numbers = fill("A table for 6 guests, line 12, in 2027, total of 42.50 EUR.", guests=INT, year=INT, total=NUM)
    assert numbers == {"guests": 6, "year": 2027, "total": 42.5}
    assert fill("Call on 14 March 2026.", at={**STR, "format": "date-time"}) == {"at": "2026-03-14T00:00:00Z"}
    notes = "Extract the tasks from these notes.\n\n- call Ada\n- book a room\n- send slides\n- water plants"
    assert fill(notes, tasks=arr(STR))["tasks"] == ["call Ada", "book a room", "send slides", "water plants"]
    assert len(set(fill("List the points an article about tea should make.", points=arr(STR))["points"])) == 3
    assert len(set(fill("Suggest five titles for tea.", titles=arr(STR, maxItems=4))["titles"])) == 4
    assert len(set(fill("List risks of tea.", risks=arr(STR, minItems=12))["risks"])) == 12


def test_patterns_and_lengths_are_met_in_objects_and_in_plain_text() -> None:
    for pattern, prompt, expected in (
        ("^[A-Z]{3}$", "Which currency? I paid 20 CHF in Bern.", "CHF"),
        (r"^[A-Z]{2}-\d{3}$", "Name the code.", "AB-123"),
    ):
        assert fill(prompt, code={**STR, "pattern": pattern})["code"] == expected
        rules = wanted(Scalar("str", (("pattern", pattern),)), "code").rules
        assert say(*instructed([Message("user", prompt)], rules)) == expected
    assert json.loads(call("Name it.", schema=obj(code={**STR, "pattern": r"^\p{L}+$"})).text)["code"]
    assert 900 <= len(fill("Write on tea.", text={**STR, "minLength": 900, "maxLength": 1000})["text"]) <= 1000
    rules = wanted(Scalar("str", (("minLength", 20), ("maxLength", 90))), "text").rules
    assert 20 <= len(say(*instructed([Message("user", "Write about tea.")], rules))) <= 90


def test_a_complaint_about_the_reply_is_answered_with_the_first_request() -> None:
    first = Message("user", "What is this ticket about? I was charged twice on my invoice.")
    problem = ReplyProblem('{"topic": "x"}', ["topic should be 'billing' or 'technical', not 'error crash bug'"])
    again = asked_again([first], problem, wanted(Scalar("int"), "topic"))
    assert json.loads(call(*again, schema=obj(topic=TOPIC)).text) == {"topic": "billing"}
    assert "coffee" in say("Write about tea.", Message("assistant", "Tea is good."), "Now write about coffee.")


def _bounded(kind: str, numbers: Any, low: str, high: str) -> st.SearchStrategy[dict[str, Any]]:
    plain: dict[str, Any] = {"type": kind}
    return st.one_of(st.just(plain), st.tuples(numbers, numbers).map(lambda n: {**plain, low: min(n), high: max(n)}))


NAMES = st.sampled_from(["name", "email", "score", "line", "total", "tags", "reply", "date", "approved", "year", "x"])
LEAVES = st.one_of(
    _bounded("string", st.integers(0, 300), "minLength", "maxLength"),
    _bounded("integer", st.integers(-(10**12), 10**12), "minimum", "maximum"),
    _bounded("number", st.floats(-1e12, 1e12, allow_nan=False), "minimum", "maximum"),
    st.sampled_from([BOOL, {}, DATE, {"type": "string", "format": "date-time"}]),
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4, unique=True).map(lambda v: enum(*v)),
)


def _larger(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    sizes = _bounded("array", st.integers(0, 6), "minItems", "maxItems")
    return st.one_of(
        st.tuples(inner, sizes).map(lambda pair: {**pair[1], "items": pair[0]}),
        st.dictionaries(NAMES, inner, max_size=4).map(lambda properties: obj(**properties)),
        inner.map(lambda schema: {"type": "object", "additionalProperties": schema}),
        inner.map(optional),
    )


SCHEMAS = st.dictionaries(NAMES, st.recursive(LEAVES, _larger, max_leaves=8), min_size=1, max_size=5)
DATA = 'Data: [{"name": "a", "text": 3}, {"name": null, "total": 1e999, "items": [1, {"b": []}]}]'
PROMPTS = st.one_of(st.sampled_from([ORDER, DATA, "", "Judge this draft: Tea.", "Sum up:\n- 1\n- 3.5 EUR"]), st.text())


@settings(max_examples=200, deadline=None)
@given(PROMPTS, SCHEMAS)
def test_every_reply_fits_its_schema(prompt: str, properties: dict[str, Any]) -> None:
    fill(prompt, **properties)
    assert call(prompt).text


def test_a_very_long_prompt_is_answered_soon() -> None:
    for part in ("word ", "a,", '"', "- x\n", "{[", "Aa Bb ", "1.000 ", "Label: x\n", "`", "<a>", "?! "):
        prompt = "Summarise this text.\n\n" + part * (2_000_000 // len(part))
        assert fill(prompt, summary=STR, total=NUM, people=arr(obj(name=STR, email=STR)), topic=TOPIC)
        assert say(prompt)
