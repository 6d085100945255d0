"""Replies that do not fit what was asked for, and what becomes of them."""

from __future__ import annotations

import json

import pytest

from configurable_agents.errors import ModelError
from configurable_agents.spec.types import FLOAT, INT, STR, EnumOf, Field, ListOf, ObjectOf, Scalar
from tests.wire.conftest import Asking
from tests.wire.protocols import EVERY
from tests.wire.scripted import Scripted

VERDICT = ObjectOf("Verdict", (Field("passed", Scalar("bool")), Field("score", Scalar("float", (("maximum", 1),)))))
GOOD = '{"passed": true, "score": 0.5}'
SHORT = Scalar("str", (("maxLength", 10),))

# A model that LiteLLM's map does not have: it can be asked only by words.
UNKNOWN = "openai/a-model-of-ones-own"


def turns(scripted: Scripted) -> list[dict[str, str]]:
    """The conversation of the last request to the OpenAI protocol."""
    messages: list[dict[str, str]] = scripted.requests[-1].body["messages"]
    return messages


@pytest.mark.parametrize("provider", EVERY)
async def test_a_reply_that_does_not_fit_is_returned_once(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.says('{"passed": "yes", "score": 3}')
    scripted.says(GOOD)
    assert await ask(scripted, provider, VERDICT) == {"passed": True, "score": 0.5}
    assert [call.error for call in ask.calls] == ["reply_invalid", ""]
    again = json.dumps(scripted.requests[1].body)
    assert "passed should be true or false, not 'yes'" in again
    assert "score should be less than or equal to 1, not 3" in again


async def test_the_repair_goes_on_with_the_conversation(scripted: Scripted, ask: Asking) -> None:
    scripted.says('{"passed": 1}')
    scripted.says(GOOD)
    await ask(scripted, "openai", VERDICT, "Judge it")
    assert [turn["role"] for turn in turns(scripted)] == ["system", "user", "assistant", "user"]
    assert turns(scripted)[1]["content"] == "Judge it"
    assert turns(scripted)[2]["content"] == '{"passed": 1}'


async def test_a_second_misfit_fails_and_says_what_was_wrong(scripted: Scripted, ask: Asking) -> None:
    scripted.says('{"passed": true}')
    scripted.says('{"passed": true, "score": "high"}')
    with pytest.raises(ModelError) as caught:
        await ask(scripted, "openai", VERDICT)
    assert caught.value.code == "reply_invalid"
    assert "score should be a number, not 'high'" in caught.value.message
    assert "openai/gpt-5.4-mini" in caught.value.message
    assert caught.value.hint
    assert [call.error for call in ask.calls] == ["reply_invalid", "reply_invalid"]


async def test_what_a_failed_reply_cost_is_reported(scripted: Scripted, ask: Asking) -> None:
    scripted.says("no", tokens=(10, 1))
    scripted.says(GOOD, tokens=(30, 5))
    await ask(scripted, "openai", VERDICT)
    assert [(call.usage.input_tokens, call.usage.output_tokens) for call in ask.calls] == [(10, 1), (30, 5)]
    assert all(call.cost_usd for call in ask.calls)


async def test_text_has_to_fit_its_rules_too(scripted: Scripted, ask: Asking) -> None:
    scripted.says("This is far too long.")
    scripted.says("Short.")
    assert await ask(scripted, "openai", SHORT) == "Short."
    assert "at most 10 characters" in turns(scripted)[-1]["content"]


@pytest.mark.parametrize("provider", EVERY)
@pytest.mark.parametrize("blank", ["", " \n "])
async def test_an_empty_text_is_no_reply(scripted: Scripted, ask: Asking, provider: str, blank: str) -> None:
    scripted.says(blank)
    scripted.says("Hello.")
    assert await ask(scripted, provider, STR) == "Hello."
    # Providers refuse an empty turn, so none is sent back.
    assert '""' not in json.dumps(scripted.requests[1].body.get("messages", []))


async def test_two_empty_replies_fail(scripted: Scripted, ask: Asking) -> None:
    scripted.says("")
    scripted.says("")
    with pytest.raises(ModelError, match="gave an empty reply, twice"):
        await ask(scripted, "openai", STR)


async def test_text_keeps_its_indentation_and_loses_the_space_around_it(scripted: Scripted, ask: Asking) -> None:
    scripted.says("\n    indented\nnot\n\n")
    assert await ask(scripted, "openai", STR) == "    indented\nnot"


@pytest.mark.parametrize("provider", EVERY)
async def test_json_that_was_cut_off_fails_at_once(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.says('{"passed": true, "sco', tokens=(10, 50), stop="length")
    with pytest.raises(ModelError) as caught:
        await ask(scripted, provider, VERDICT, max_tokens=50)
    assert caught.value.code == "reply_truncated"
    assert "cut off after 50 tokens" in caught.value.message
    assert "Raise max_tokens (it is 50)" in caught.value.hint
    assert [call.stop_reason for call in ask.calls] == ["length"]


async def test_text_that_was_cut_off_is_what_max_tokens_asked_for(scripted: Scripted, ask: Asking) -> None:
    scripted.says("Once upon a", stop="length")
    assert await ask(scripted, "openai", STR, max_tokens=3) == "Once upon a"


async def test_no_text_left_by_max_tokens_says_so(scripted: Scripted, ask: Asking) -> None:
    scripted.says("", stop="length")
    with pytest.raises(ModelError, match="mini is empty: it was cut off"):
        await ask(scripted, "openai", STR)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "gemini"])
async def test_a_filtered_reply_says_so(scripted: Scripted, ask: Asking, provider: str) -> None:
    scripted.says("", stop="content_filter")
    with pytest.raises(ModelError, match=r"^content_filter: .*content filter stopped the reply"):
        await ask(scripted, provider, STR)


async def test_a_refusal_is_a_filtered_reply(scripted: Scripted, ask: Asking) -> None:
    message = {"role": "assistant", "content": None, "refusal": "I can't help with that."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    scripted.sends({"id": "1", "object": "chat.completion", "created": 1, "choices": [choice], "usage": usage})
    with pytest.raises(ModelError, match="content_filter"):
        await ask(scripted, "openai", VERDICT)


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"```\n{GOOD}\n```",
        f"Here is my verdict:\n\n```json\n{GOOD}\n```\nI hope it helps.",
        f"Here you go: {GOOD} That is all.",
        f"<think>{{maybe}} it passed?</think>\n{GOOD}",
    ],
)
async def test_a_model_asked_by_words_may_talk_around_its_json(scripted: Scripted, ask: Asking, reply: str) -> None:
    scripted.says(reply)
    assert await ask(scripted, "openai", VERDICT, model=UNKNOWN) == {"passed": True, "score": 0.5}
    [system, user] = turns(scripted)
    assert system["content"].startswith("Be brief\n\nAnswer with one JSON object and nothing else")
    assert '"score"' in system["content"]
    assert user["content"] == "Say hello"
    assert "response_format" not in scripted.requests[0].body


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ("I would rather not.", "It is not JSON"),
        ('{"passed": true,, "score": {"passed": true, "score": 1}}', "It is not valid JSON: "),
        ("[1, 2]", "should be an object"),
        ('{"passed": true, "score": NaN}', "score should be a finite number"),
        ('{"a":' * 100_000, "It is not valid JSON: it is nested too deeply"),
    ],
)
async def test_the_model_is_told_what_is_wrong_with_its_json(
    scripted: Scripted, ask: Asking, reply: str, problem: str
) -> None:
    scripted.says(reply)
    scripted.says(GOOD)
    await ask(scripted, "openai", VERDICT, model=UNKNOWN)
    assert problem in turns(scripted)[-1]["content"]


async def test_a_schema_that_the_provider_refuses_is_asked_for_by_words(scripted: Scripted, ask: Asking) -> None:
    refusal = "Invalid schema for response_format 'Verdict': 'maximum' is not permitted"
    scripted.fails(400, refusal, "invalid_request_error")
    scripted.says(GOOD)
    assert await ask(scripted, "openai", VERDICT) == {"passed": True, "score": 0.5}
    assert [call.error for call in ask.calls] == ["schema_refused", ""]
    assert "Answer with one JSON object" in turns(scripted)[0]["content"]
    scripted.says(GOOD)
    await ask(scripted, "openai", VERDICT)
    assert len(scripted.requests) == 3, "what was learned is kept"


@pytest.mark.parametrize(
    ("output", "reply", "value"),
    [(INT, '{"value": 5.0}', 5), (FLOAT, '{"value": 5}', 5.0), (EnumOf(("a", "b")), '{"value": "b"}', "b")],
)
async def test_numbers_are_read_as_json_has_them(
    scripted: Scripted, ask: Asking, output: Scalar | EnumOf, reply: str, value: object
) -> None:
    scripted.says(reply)
    assert await ask(scripted, "openai", output) == value


async def test_no_more_problems_are_told_than_are_read(scripted: Scripted, ask: Asking) -> None:
    scripted.says(json.dumps({"value": ["x"] * 1000}))
    scripted.says('{"value": [1]}')
    await ask(scripted, "openai", ListOf(INT))
    complaint = turns(scripted)[-1]["content"]
    assert "value[7] should be an integer" in complaint
    assert "value[8]" not in complaint
    assert "and 992 more" in complaint
