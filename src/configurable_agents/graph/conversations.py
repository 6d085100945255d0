"""Conversations: what is written becomes messages with ids, which replace those of the same id, and old ones go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from configurable_agents.spec.types import MESSAGE, Keep
from configurable_agents.spec.validation import check_value

Message = dict[str, Any]

# A common rule of thumb for English text in today's tokenizers; what a model really counts differs by model.
_BYTES_PER_TOKEN = 4
_TOKENS_PER_MESSAGE = 4


def as_messages(value: Any, key: str) -> list[Message]:
    """The messages that a write adds: it is a message, a list of them, or text that an assistant said.

    A message without an id is given one, of `key` and its place.

    Raises:
        TypeMismatch: it is none of these.
    """
    found = []
    for place, item in enumerate(value if isinstance(value, list) else [value]):
        said = {"role": "assistant", "content": item} if isinstance(item, str) else item
        message = check_value(MESSAGE, said)
        found.append(message if message["id"] is not None else {**message, "id": f"{key}.{place}"})
    return found


def upserted(old: Sequence[Message], new: Sequence[Message], keep: Keep | None) -> list[Message]:
    """A conversation with messages added; one with the id of an older takes that one's place."""
    by_id = {message["id"]: message for message in old}
    by_id.update({message["id"]: message for message in new})
    return pruned(list(by_id.values()), keep)


def pruned(messages: list[Message], keep: Keep | None) -> list[Message]:
    """What is kept of a conversation: all that is of the role system, and the newest of the rest.

    The rest begins with a user's message, as providers ask; so it may be shorter than `keep` allows.
    """
    if keep is None:
        return messages
    rest = [message for message in messages if message["role"] != "system"]
    room = len(rest) if keep.last is None else keep.last
    tokens = keep.tokens
    start = len(rest)
    while start and room:
        cost = tokens_of(rest[start - 1])
        if tokens is not None and cost > tokens and start < len(rest):
            break
        tokens = None if tokens is None else max(tokens - cost, 0)
        start, room = start - 1, room - 1
    if start:  # something goes: let what stays begin with a question
        first = next((place for place in range(start, len(rest)) if rest[place]["role"] == "user"), start)
        start = first
    kept = {id(message) for message in rest[start:]}
    return [message for message in messages if message["role"] == "system" or id(message) in kept]


def tokens_of(message: Message) -> int:
    """About how many tokens a message has."""
    return -(-len(message["content"].encode()) // _BYTES_PER_TOKEN) + _TOKENS_PER_MESSAGE
