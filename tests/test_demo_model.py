"""The demo model, spoken to as the gateway speaks to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from configurable_agents.builtins.providers.demo import DemoProvider
from configurable_agents.errors import ModelError
from configurable_agents.plugins.models import (
    Message,
    ModelProvider,
    ModelRequest,
    ModelResponse,
    ModelSettings,
    OutputSchema,
)

STR: dict[str, Any] = {"type": "string"}
INT: dict[str, Any] = {"type": "integer"}
NUM: dict[str, Any] = {"type": "number"}
BOOL: dict[str, Any] = {"type": "boolean"}
DATE: dict[str, Any] = {"type": "string", "format": "date"}
SHARE: dict[str, Any] = {"type": "number", "minimum": 0, "maximum": 1}


def obj(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


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
    text = call(*messages).text
    assert text.count('"') % 2 == 0
    return text


def fill(prompt: str, *, system: str = "", **properties: Any) -> Any:
    """The reply of these properties to a prompt, valid for their schema."""
    schema = obj(**properties)
    before = [Message("system", system)] if system else []
    value = json.loads(call(*before, prompt, schema=schema).text)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)
    return value


# ------------------------------------------------------------------------------------------------------- the contract


def test_is_a_provider_that_answers_in_schemas_by_itself() -> None:
    provider = DemoProvider()
    assert isinstance(provider, ModelProvider)
    assert provider.structured("demo") == "native"


def test_another_model_name_is_refused_with_the_right_one() -> None:
    with pytest.raises(ModelError) as caught:
        call("Hello", model="demo-large")
    assert caught.value.code == "unknown_model"
    assert "demo-large" in caught.value.message
    assert "demo" in caught.value.hint
    assert not caught.value.retryable


def test_costs_nothing_and_counts_tokens_by_characters() -> None:
    reply = call(Message("system", "You are kind."), "Say hello to Ada.")
    assert reply.cost_usd == 0.0
    assert reply.stop_reason == "stop"
    assert reply.usage.input_tokens == 4 + 5
    assert reply.usage.output_tokens == -(-len(reply.text) // 4)


def test_max_tokens_cuts_text_and_says_so() -> None:
    whole = call("Write an article about tidal energy.")
    cut = call("Write an article about tidal energy.", max_tokens=10)
    assert whole.text.startswith(cut.text)
    assert (len(cut.text), cut.usage.output_tokens, cut.stop_reason) == (40, 10, "length")


def test_max_tokens_leaves_an_object_whole() -> None:
    reply = call("Write about tidal energy.", schema=obj(article=STR), max_tokens=3)
    assert json.loads(reply.text)["article"]
    assert reply.stop_reason == "stop"


def test_the_same_request_gets_the_same_reply_in_every_process() -> None:
    script = (
        "import asyncio, json\n"
        "from configurable_agents.builtins.providers.demo import DemoProvider\n"
        "from configurable_agents.plugins.models import Message, ModelRequest, ModelSettings, OutputSchema\n"
        f"schema = {REVIEW_SCHEMA!r}\n"
        f"messages = [Message('user', {REVIEW_PROMPT!r})]\n"
        "for output in (OutputSchema('r', schema), None):\n"
        "    request = ModelRequest('demo', messages, ModelSettings(), output)\n"
        "    print(asyncio.run(DemoProvider().complete(request)).text)\n"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUTF8": "1"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    here = [call(REVIEW_PROMPT, schema=REVIEW_SCHEMA).text, call(REVIEW_PROMPT).text]
    assert printed == {"\n".join(here) + "\n"}


# --------------------------------------------------------------------------------------------------------- plain text


def test_an_article_is_about_its_topic() -> None:
    article = say("Write a short article about tidal energy.")
    assert article.count("tidal energy") >= 2
    assert "write" not in article.lower()
    assert article.endswith(".")


@pytest.mark.parametrize(
    ("prompt", "subject"),
    [
        (
            "Write a paragraph about the history of tea in Japan for beginners, in three sentences.",
            "the history of tea in Japan",
        ),
        ("Explain how batteries work to a child.", "batteries"),
        ("Write a poem on autumn rain, please.", "autumn rain"),
        ("Plan a weekend in Rome.", "a weekend in Rome"),
        ("Topic: bees\nAudience: children\n\nWrite a short text.", "bees"),
        ("Write one paragraph about the topic below.\n\nTopic: electric ferries", "electric ferries"),
        ('Write two sentences about "green roofs" and end with a question.', "green roofs"),
        ("# Task\nWrite a product description for a solar lamp.\n\n# Style\nWarm, short.", "a solar lamp"),
    ],
)
def test_the_subject_is_found_and_the_instruction_left_out(prompt: str, subject: str) -> None:
    text = say(prompt)
    assert subject.lower() in text.lower()
    for word in ("beginners", "sentences", "please", "audience", "style", "task", "write"):
        assert word not in text.lower()


@pytest.mark.parametrize(
    ("asked", "count"),
    [("in one sentence", 1), ("in two sentences", 2), ("in 4 sentences", 4), ("in exactly seven sentences", 7)],
)
def test_the_number_of_sentences_is_obeyed(asked: str, count: int) -> None:
    text = say(f"Describe tidal energy {asked}.")
    assert len(re.findall(r"[.!?](?:\s|$)", text)) == count


def test_word_limits_paragraphs_and_bullets_are_obeyed() -> None:
    assert len(say("Write about tea in at most 25 words.").split()) <= 25
    assert len(say("Write an article about tea in two paragraphs.").split("\n\n")) == 2
    assert len(re.findall(r"^- ", say("Give me four bullet points on tea."), re.MULTILINE)) == 4
    assert len(say("Write a haiku about tea.").splitlines()) == 3


def test_a_greeting_greets() -> None:
    assert "Ada Lovelace" in say("Write a friendly greeting for Ada Lovelace in one sentence.")


def test_a_title_is_one_line_and_five_titles_are_five() -> None:
    article = say("Write an article about tidal energy.")
    title = say(f"Suggest a title for this article:\n\n{article}")
    assert "Tidal Energy" in title
    assert len(title) < 60
    titles = say(f"Suggest five titles for this article:\n\n{article}").splitlines()
    assert len(set(titles)) == 5


def test_a_summary_is_an_extract() -> None:
    text = "The tide rises twice a day. Turbines turn it into power. The fish do not mind."
    assert "The tide rises twice a day." in say(f"Summarise the following in one sentence: {text}")
    assert len(say(f"Summarise this text:\n\n{text}")) < len(text) + 10


def test_reviews_are_merged_under_their_names() -> None:
    merged = say("Combine these reviews into one.\n\nSecurity: Escape the input.\n\nStyle: Rename the variable.")
    assert merged.splitlines() == ["Security: Escape the input.", "Style: Rename the variable."]


def test_an_answer_quotes_what_was_asked() -> None:
    reply = say('Answer "I was charged twice on my invoice." and be kind.')
    assert "I was charged twice on my invoice." in reply
    assert "billing" in reply


def test_an_answer_comes_from_the_context() -> None:
    context = "The office opens at nine. Parking is free."
    prompt = f"Answer from the context.\n\nContext: {context}\n\nQuestion: When does the office open?"
    assert "The office opens at nine." in say(prompt)


def test_a_question_of_facts_is_not_answered_with_invented_ones() -> None:
    reply = say("Why is the sky blue?")
    assert "Why is the sky blue?" in reply
    assert "demo" in reply


def test_arithmetic_is_done() -> None:
    assert say("What is 17 * 23?") == "17 * 23 is 391."


def test_quotation_marks_inside_of_the_subject_stay_balanced() -> None:
    for prompt in (
        'Answer "She said "no" to me" kindly.',
        'What is this ticket about? The "save" button',
        'Write about 5" pipes',
    ):
        text = call(prompt).text
        assert len(text) > 10


def test_an_outline_goes_into_the_article() -> None:
    article = say("Write an article about tea. Use this outline:\n- Origins of tea\n- Tea today")
    assert "Origins of tea; Tea today" in article


def test_roles_give_different_replies() -> None:
    code = "```python\ndef find(name):\n    return db.run('select ' + name)\n```"
    roles = ("a security reviewer", "a style reviewer", "a performance reviewer", "a gardener")
    replies = [say(Message("system", f"You are {role}."), f"Review this function:\n\n{code}") for role in roles]
    assert len(set(replies)) == len(roles)
    assert all("def find(name)" in reply for reply in replies)


def test_an_empty_prompt_is_answered() -> None:
    assert "empty" in say("")


# ------------------------------------------------------------------------------------------------------------- choices

TOPIC = enum("billing", "technical", "other")


@pytest.mark.parametrize(
    ("ticket", "topic"),
    [
        ("I was charged twice on my invoice", "billing"),
        ("My invoice is wrong, please refund 12.50 EUR.", "billing"),
        ("The app crashes with error 500 on login", "technical"),
        ("I can't connect; the page keeps loading", "technical"),
        ("Do you have a shop in Oslo?", "other"),
    ],
)
@pytest.mark.parametrize(
    "prompt",
    [
        "What is this ticket about? {}",
        "Classify the ticket as billing, technical or other.\n\nTicket: {}",
        "Sort this message into one of: technical, billing, other.\n\n{}",
        'Is "{}" a billing, technical or other question?',
    ],
)
def test_a_ticket_is_sorted_by_its_own_words(prompt: str, ticket: str, topic: str) -> None:
    assert fill(prompt.format(ticket), topic=TOPIC)["topic"] == topic


def test_the_list_of_options_alone_favours_none_of_them() -> None:
    assert fill("Choose billing, technical or other.", topic=TOPIC)["topic"] == "other"
    assert fill("Choose one.", tone=enum("formal", "casual"))["tone"] == "formal"


@pytest.mark.parametrize(
    ("text", "sentiment"),
    [
        ("I love this lamp, it is beautiful.", "positive"),
        ("Terrible. It broke after two days.", "negative"),
        ("It is a lamp.", "neutral"),
    ],
)
def test_sentiment(text: str, sentiment: str) -> None:
    prompt = f"Is the sentiment of this review positive, negative or neutral?\n\nReview: {text}"
    assert fill(prompt, sentiment=enum("positive", "negative", "neutral"))["sentiment"] == sentiment


def test_severity_language_and_yes_or_no() -> None:
    level = enum("low", "medium", "high")
    assert fill("How severe is this? The whole site crashed, urgent!", severity=level)["severity"] == "high"
    assert fill("How severe is this? A minor typo on the help page.", severity=level)["severity"] == "low"
    language = enum("en", "de", "fr")
    assert fill("Which language is this?\n\nIch habe die Rechnung nicht.", language=language)["language"] == "de"
    spam = "Is this message spam?\n\nYou won a prize, click here!"
    assert fill(spam, spam=BOOL)["spam"] is True
    assert fill(spam, answer=enum("yes", "no"))["answer"] == "yes"
    assert fill("Is this message spam?\n\nSee you at lunch.", spam=BOOL)["spam"] is False
    assert say("Is this message spam? Reply with yes or no.\nYou won a prize, click here!") == "yes"


def test_confidence_is_high_for_a_clear_ticket_and_low_for_a_vague_one() -> None:
    clear = fill('Answer "I was charged twice on my invoice." and say how sure you are.', reply=STR, sure=SHARE)
    vague = fill('Answer "???" and say how sure you are.', reply=STR, sure=SHARE)
    assert clear["sure"] >= 0.7 > vague["sure"]


# ----------------------------------------------------------------------------------------------- draft, judge, revise


def test_a_draft_gets_better_grades_each_time_it_is_revised() -> None:
    draft = say("Write a first draft of a paragraph about remote work.")
    scores, verdicts, feedback = [], [], []
    for _ in range(3):
        prompt = f"Judge this draft for clarity. Give a score from 0 to 1 and feedback.\n\n{draft}"
        judged = fill(prompt, score=SHARE, feedback=STR, approved=BOOL, verdict=enum("revise", "accept"))
        scores.append(judged["score"])
        verdicts.append((judged["approved"], judged["verdict"]))
        feedback.append(judged["feedback"])
        longer = say(f"Improve the draft using the feedback.\n\nDraft:\n{draft}\n\nFeedback:\n{judged['feedback']}")
        assert longer.startswith(draft)
        assert len(longer) > len(draft)
        draft = longer
    assert 0.5 <= scores[0] < 0.65 < scores[1] < 0.8 < scores[2]
    assert verdicts == [(False, "revise"), (True, "accept"), (True, "accept")]
    assert len(set(feedback)) == 3


@pytest.mark.parametrize(
    "revise",
    [
        "Revise this text: {draft}",
        'Improve "{draft}". Feedback: {feedback}',
        "Rewrite the draft below so that it answers the feedback.\n\nFeedback: {feedback}\n\nDraft: {draft}",
        "You are an editor. Polish the following.\n\n<draft>\n{draft}\n</draft>\n\n<feedback>{feedback}</feedback>",
    ],
)
@pytest.mark.parametrize(
    "judge", ["Rate this: {draft}", 'How good is "{draft}"?', "Score the draft.\n\n<draft>{draft}</draft>"]
)
def test_loops_end_however_they_are_worded(revise: str, judge: str) -> None:
    draft = "Remote work saves time"
    scores = []
    for _ in range(4):
        scores.append(fill(judge.format(draft=draft), score={"type": "integer", "minimum": 1, "maximum": 10})["score"])
        draft = say(revise.format(draft=draft, feedback="Add an example."))
    assert scores == sorted(set(scores))
    assert scores[2] >= 8


def test_a_judge_believes_the_number_of_the_attempt() -> None:
    def score(attempt: int) -> float:
        return float(fill(f"Judge this text (attempt {attempt}).\n\nTea is good.", score=SHARE)["score"])

    assert score(1) < score(2) < score(3)


def test_a_reviewer_finds_fewer_faults_in_what_was_revised() -> None:
    review = "Review this text. List its problems.\n\nText: {}"
    mend = "Revise this text.\n\nText: {}\n\nFeedback: Too short."
    text, counts = "Tea is good.", []
    for _ in range(3):
        counts.append(len(fill(review.format(text), problems=arr(STR))["problems"]))
        text = say(mend.format(text))
    assert counts == [3, 1, 0]


def test_a_translation_passes_its_second_review() -> None:
    translate = "Translate this into German.\n\n{}Text:\nThe train leaves at noon."
    check = "Review this translation. List its mistakes; an empty list if there are none.\n\nTranslation:\n{}"
    first = say(translate.format(""))
    assert "German" in first
    mistakes = fill(check.format(first), mistakes=arr(STR))["mistakes"]
    assert mistakes
    second = say(translate.format(f"Feedback:\n- {mistakes[0]}\n\n"))
    assert fill(check.format(second), mistakes=arr(STR)) == {"mistakes": []}


def test_plain_words_are_shorter() -> None:
    text = "We utilize numerous tools in the workshop every day of the week, and the tools make all of our work easier."
    assert say(f"Rewrite this text in plain words.\n\nText: {text}") == (
        "We use many tools in the workshop every day of the week. And the tools make all of our work easier."
    )


# ------------------------------------------------------------------------------------------------- extraction, numbers

ORDER = (
    "Jane Miller, jane@example.com ordered 2 lamps for 39.90 EUR each and 1 desk for 120 EUR on 2026-03-14,"
    " ship to 5 Elm Street, Leeds"
)


def test_an_order_is_extracted() -> None:
    order = fill(
        f"Extract the order: {ORDER}",
        customer=obj(name=STR, email=STR, phone=optional(STR)),
        items=arr(obj(name=STR, quantity=INT, price=NUM)),
        address=obj(street=STR, city=STR, postcode=optional(STR)),
        ordered_on=DATE,
        total=NUM,
        currency=enum("USD", "EUR"),
        notes=optional(STR),
    )
    assert order == {
        "customer": {"name": "Jane Miller", "email": "jane@example.com", "phone": None},
        "items": [{"name": "lamps", "quantity": 2, "price": 39.9}, {"name": "desk", "quantity": 1, "price": 120.0}],
        "address": {"street": "5 Elm Street", "city": "Leeds", "postcode": None},
        "ordered_on": "2026-03-14",
        "total": 199.8,
        "currency": "EUR",
        "notes": None,
    }


def test_an_invoice_is_extracted_from_an_email() -> None:
    email = (
        "Hi team,\n\nplease find attached invoice INV-2031 of 3 May 2026 from Brightwater Ltd for consulting."
        " The total of 1,250.00 GBP is due on 2 June 2026.\n\nBest, Tom Harris\ntom@brightwater.example"
    )
    invoice = fill(
        f"Extract the invoice from this e-mail.\n\n{email}",
        invoice=obj(
            number=STR,
            vendor=STR,
            date=DATE,
            due_date=DATE,
            amount=NUM,
            currency=STR,
            contact=optional(obj(name=STR, email=STR)),
        ),
    )["invoice"]
    assert invoice == {
        "number": "INV-2031",
        "vendor": "Brightwater Ltd",
        "date": "2026-05-03",
        "due_date": "2026-06-02",
        "amount": 1250.0,
        "currency": "GBP",
        "contact": {"name": "Tom Harris", "email": "tom@brightwater.example"},
    }


def test_labelled_lines_are_taken_by_their_labels() -> None:
    card = (
        "Name: Grace Hopper\nJob title: rear admiral\nYear of birth: 1906\n"
        "Skills: COBOL, compilers and mathematics\nRetired: yes"
    )
    person = fill(
        f"Extract the person.\n\n{card}",
        name=STR, job_title=STR, year_of_birth=INT, skills=arr(STR), retired=BOOL, spouse=optional(STR),
    )  # fmt: skip
    assert person == {
        "name": "Grace Hopper",
        "job_title": "rear admiral",
        "year_of_birth": 1906,
        "skills": ["COBOL", "compilers", "mathematics"],
        "retired": True,
        "spouse": None,
    }


def test_numbers_come_from_the_text_where_it_names_them() -> None:
    found = fill(
        "A table for 6 guests, line 12, in 2027, total of 42.50 EUR.", guests=INT, line=INT, year=INT, total=NUM
    )
    assert found == {"guests": 6, "line": 12, "year": 2027, "total": 42.5}


def test_numbers_keep_to_their_range_whatever_the_text_says() -> None:
    assert 1 <= fill("A table for 600 guests.", guests={**INT, "minimum": 1, "maximum": 10})["guests"] <= 10


REVIEW_SCHEMA = obj(findings=arr(obj(path=STR, line=INT, problem=STR, confidence=SHARE)))
REVIEW_PROMPT = (
    "You review security, nothing else. What is wrong in src/db.py?\n"
    '--- a/src/db.py\n+++ b/src/db.py\n@@ -10,2 +10,4 @@\n def find(name):\n+    password = "hunter2"\n'
    '+    query = "SELECT * FROM users WHERE name = " + name\n-    return None\n+    return db.run(query)\n'
)


def test_findings_name_the_file_and_the_lines_that_were_added() -> None:
    findings = fill(REVIEW_PROMPT, **REVIEW_SCHEMA["properties"])["findings"]
    assert [(finding["path"], finding["line"]) for finding in findings] == [("src/db.py", n) for n in (11, 12, 13)]
    assert 'password = "hunter2"' in findings[0]["problem"]
    assert len({finding["problem"] for finding in findings}) == 3
    review = say(f"Write a review, worst first (0 checks failed):\n{json.dumps(findings)}")
    assert all(finding["problem"][:40] in review for finding in findings)


# --------------------------------------------------------------------------------------------------------------- lists


def test_lists_are_distinct_about_the_subject_and_of_the_asked_length() -> None:
    points = fill("List the points an article about tidal energy should cover.", points=arr(STR))["points"]
    assert len(set(points)) == 3
    assert all("tidal energy" in point for point in points)
    assert len(fill("Suggest five titles for an article about tea.", titles=arr(STR))["titles"]) == 5
    assert len(fill("Suggest five titles for tea.", titles=arr(STR, maxItems=4))["titles"]) == 4
    both = fill(
        "Write a title and 4 keywords for an article about tea.", title=STR, keywords=arr(STR), questions=arr(STR)
    )
    assert (len(both["keywords"]), len(both["questions"])) == (4, 3)
    many = fill("List risks of tea.", risks=arr(STR, minItems=12))["risks"]
    assert len(set(many)) == 12


def test_a_list_in_the_prompt_is_taken() -> None:
    prompt = "Extract the tasks from these notes.\n\n- call Ada\n- book a room\n- send the slides\n- water the plants"
    assert fill(prompt, tasks=arr(STR))["tasks"] == ["call Ada", "book a room", "send the slides", "water the plants"]


# ------------------------------------------------------------------------------------------------ objects and patterns


def test_the_parts_of_an_object_differ() -> None:
    post = fill("Write a blog post about tea.", title=STR, introduction=STR, body=STR, summary=STR, tags=arr(STR))
    texts = [post["title"], post["introduction"], post["body"]]
    assert len(set(texts)) == 3
    assert all("tea" in text.lower() for text in texts)


@pytest.mark.parametrize(
    ("pattern", "prompt", "expected"),
    [
        ("^[A-Z]{3}$", "Which currency? I paid 20 CHF in Bern.", "CHF"),
        (r"^\d{4}$", "In which year was it? It was built in 1889.", "1889"),
        (r"^[A-Z]{2}-\d{3}$", "Name the code.", None),
        (r"^(low|high)$", "How is it?", "low"),
        (r"^#[0-9a-f]{6}$", "Choose a colour for the sea.", None),
        (r"^[a-z0-9]+(-[a-z0-9]+)*$", "Make a slug for tidal energy.", None),
        (r"^\+?[1-9]\d{7,14}$", "Give me a number.", None),
    ],
)
def test_patterns_are_met(pattern: str, prompt: str, expected: str | None) -> None:
    code = fill(prompt, code={**STR, "pattern": pattern})["code"]
    assert expected in (None, code)


def test_lengths_are_met() -> None:
    text = fill("Write about tea.", text={**STR, "minLength": 900, "maxLength": 1000}, hook={**STR, "maxLength": 40})
    assert 900 <= len(text["text"]) <= 1000
    assert len(text["hook"]) <= 40


def test_a_date_and_time_is_found() -> None:
    found = fill("When is the meeting? On 14 March 2026 at 15:30 in Rome.", starts_at={**STR, "format": "date-time"})
    assert found["starts_at"] == "2026-03-14T15:30:00Z"


# ------------------------------------------------------------------------------------------------------- conversations


def test_a_complaint_about_the_reply_is_answered_with_the_first_request() -> None:
    first = "What is this ticket about? I was charged twice on my invoice."
    repair = (
        "Your reply does not fit the schema: topic should be 'billing' or 'technical', not 'error crash login bug'."
    )
    reply = call(first, Message("assistant", '{"topic": "x"}'), repair, schema=obj(topic=TOPIC))
    assert json.loads(reply.text) == {"topic": "billing"}


def test_the_last_turn_of_a_conversation_counts() -> None:
    reply = say("Write about tea.", Message("assistant", "Tea is good."), "Now write about coffee in two sentences.")
    assert "coffee" in reply
    assert "tea" not in reply.lower().replace("instead", "")


def test_a_system_message_may_hold_the_instruction() -> None:
    reply = say(Message("system", "You are a billing specialist. Answer the customer."), "I was charged twice.")
    assert "I was charged twice." in reply
    assert "your billing specialist" in reply


# ---------------------------------------------------------------------------------------------------------- any schema

KNOWN_NAMES = """name email score sure line total tags items title summary reply date count approved phone city value x
    notes id reason url year quantity price findings problem keywords language status answer body"""
NAMES = st.one_of(st.sampled_from(KNOWN_NAMES.split()), st.text("abcdefghij_", min_size=1, max_size=8))


def _ordered(low: Any, high: Any) -> st.SearchStrategy[tuple[Any, Any]]:
    return st.tuples(low, high).map(lambda pair: (min(pair), max(pair)))


def _with_range(kind: str, numbers: Any, low: str, high: str) -> st.SearchStrategy[dict[str, Any]]:
    bounds = _ordered(numbers, numbers)
    return st.one_of(
        st.just({"type": kind}),
        numbers.map(lambda n: {"type": kind, low: n}),
        numbers.map(lambda n: {"type": kind, high: n}),
        bounds.map(lambda pair: {"type": kind, low: pair[0], high: pair[1]}),
    )


LEAVES = st.one_of(
    _with_range("string", st.integers(0, 300), "minLength", "maxLength"),
    _with_range("integer", st.integers(-(10**12), 10**12), "minimum", "maximum"),
    _with_range("number", st.floats(-1e12, 1e12, allow_nan=False), "minimum", "maximum"),
    st.just({"type": "boolean"}),
    st.just({}),
    st.sampled_from(["date", "date-time"]).map(lambda name: {"type": "string", "format": name}),
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=4, unique=True).map(
        lambda values: {"type": "string", "enum": values}
    ),
)


def _larger(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    sizes = _with_range("array", st.integers(0, 6), "minItems", "maxItems")
    return st.one_of(
        st.tuples(inner, sizes).map(lambda pair: {**pair[1], "items": pair[0]}),
        st.dictionaries(NAMES, inner, max_size=4).map(lambda properties: obj(**properties)),
        inner.map(lambda schema: {"type": "object", "additionalProperties": schema}),
        inner.map(optional),
    )


SCHEMAS = st.dictionaries(NAMES, st.recursive(LEAVES, _larger, max_leaves=8), min_size=1, max_size=5).map(
    lambda properties: obj(**properties)
)
PROMPTS = st.one_of(
    st.sampled_from(
        [
            f"Extract the order: {ORDER}",
            REVIEW_PROMPT,
            "Write five titles about tea.",
            "Judge this draft.\n\nDraft: Tea is good.",
            "",
            'Data: [{"name": "a", "price": 3}, {"name": null, "price": "x", "items": [1, {"b": []}]}]',
            "Summarise:\n- one\n- two: 3.5 EUR\n- 2026-02-30",
        ]
    ),
    st.text(max_size=200),
)


@settings(max_examples=200, deadline=None)
@given(PROMPTS, SCHEMAS)
def test_every_reply_fits_its_schema(prompt: str, schema: dict[str, Any]) -> None:
    value = json.loads(call(prompt, schema=schema).text)
    Draft202012Validator(schema, format_checker=FormatChecker()).validate(value)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=400))
def test_every_prompt_gets_a_text(prompt: str) -> None:
    assert call(prompt).text


def test_a_very_long_prompt_is_answered_soon() -> None:
    for part in ("word ", "a,", '"', "- x\n", "{[", "Aa Bb ", "1.000 ", "Label: x\n", "`", "<a>", "?! "):
        prompt = "Summarise this text.\n\n" + part * (2_000_000 // len(part))
        assert call(prompt).text
        assert call(prompt, schema=obj(summary=STR, total=NUM, people=arr(obj(name=STR, email=STR)))).text
