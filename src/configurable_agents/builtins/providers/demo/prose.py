"""Plain text, by task: written, summarised, answered, judged.

Loops of judging and revising end: a revision is the draft and one more sentence of `_ADDITIONS`, and a judge counts
these. The grade is that of `_GRADES` and 0.01 more for each 20 words, up to 0.04; a text is good enough from its first
revision on. Reviewers find one fault in such a text (none, if the prompt allows for an empty list), later none.
"""

from __future__ import annotations

import re
from itertools import pairwise

from configurable_agents.builtins.providers.demo import facts, words
from configurable_agents.builtins.providers.demo.reading import Reading

# In all of these `{s}` is the subject, and no verb has to agree with it.
_ARTICLE = {
    "The idea behind {s}": "Most people have heard of {s}, and yet few could explain it over breakfast. "
    "The heart of it fits in one sentence; all the rest is detail, and the details are where it gets interesting.",
    "Why people talk about {s} today": "Not long ago, only specialists talked about {s}. "
    "Now the subject turns up in everyday decisions about time, money and the places where people live.",
    "How to begin with {s}": "In practice, nobody begins with the grand plan. "
    "Those who get far with {s} start with the smallest version, watch closely, and keep what works.",
    "The open questions about {s}": "What comes next is an open question. "
    "The best way to learn more about {s} is to ask one good question and follow it all the way.",
}
_ITEMS = {
    "cause|wrong|happen": ("When did it first happen?", "What was done just before?", "Does it happen every time?"),
    "question": ("What should a beginner know about {s}?", "What can go wrong with {s}?", "Who decides about {s}?"),
    "title|headline": ("{s}: A Closer Look", "Getting Started With {s}", "{s} From the Ground Up", "A Guide to {s}"),
    "": tuple(_ARTICLE),
}
FAULTS = re.compile("(?i)problem|issue|finding|remark|fault|error|mistake")  # the names of what reviewers find
# What a reviewer of an aspect says about a place in the text; then what any reviewer says.
_REMARKS = {
    "tone|brand|audience|style": "{w} sounds a little boastful; say what is true and let the reader judge.",
    "fact|accura|correct|truth": "{w} needs a source that a reader can look up.",
    "legal|law|complian|risk": "{w} is a promise; have somebody confirm that it can be kept.",
    "": "{w} leaves the reader with a question; answer it in half a sentence.",
}
_MORE_REMARKS = ("{w} would be clearer with an example.", "{w} could be shorter.")

_GRADES = (0.55, 0.70, 0.85, 0.95)
_VERDICTS = (
    "A fair start: the idea is clear, but the text needs an example.",
    "Better: the example makes it easy to picture. A few figures would make it stronger.",
    "Convincing: clear, concrete and complete enough to be published.",
)
_ADDITIONS = (
    "To give an example: a group of friends tried it for one summer and wrote down, week by week, what worked.",
    "In figures: of twelve weeks, nine went as planned, and the other three taught them the most.",
    "Is it worth the effort? Not for everybody, but none of the friends wanted to go back.",
)
_REVISED = ", revised]"  # how a second translation is marked
_PLAIN = {"utili[sz]": "us", "leverag": "us", "numerous": "many", "in order to": "to", "prior to": "before"}
_ACTIONS = {
    "billing": "We will compare the charge with your account and pay back whatever was taken by mistake.",
    "technical": "Our engineers are looking at the logs; the exact error message and its time would help them.",
    "shipping": "We have asked the carrier where your parcel is and will write as soon as we know.",
}


def compose(reading: Reading, task: str = "") -> str:
    """The reply in plain text; `task` is another than the prompt's where a property's name says so."""
    task, text = task or reading.task, reading.text or reading.instruction
    if not text:
        return "The prompt is empty, so there is nothing to write about."
    by_task = {"summarise": _summary, "revise": _revision, "answer": _answer}
    if task in by_task and (reading.passages or task == "answer"):
        return by_task[task](reading, text)
    if task in {"title", "list", "extract"}:
        count = reading.count() or (1 if task == "title" else 3)
        found = (words.points(text) or words.sentences(text)) if task == "extract" else listed(reading, task, count)
        return found[0] if task == "title" and count == 1 else "\n".join(f"- {item}" for item in found)
    if task == "translate":
        language = re.search(r"\b(?:to|into|in) ([A-Z][a-z]+)", reading.instruction)
        return f"[{language[1] if language else 'translated'}{_REVISED if reading.feedback else ']'} {text}"
    if task == "judge":
        return "{1} Score: {0:.2f} of 1.".format(*judged(reading))
    if task == "review":
        return _shaped(_remarks(reading, 2), reading) or "There is nothing left to mend."
    if task == "greet":
        return _shaped([f"Hello {reading.subject or 'there'}, it is good to have you here!", "Ask away."], reading)
    return f"This is about {reading.subject or words.quoted(text)}." if task == "classify" else _article(reading)


def listed(reading: Reading, name: str, count: int) -> list[str]:
    """`count` texts about the subject by what the list is called; of faults, at most so many as are left."""
    told, subject = f"{name} {reading.instruction}".lower(), reading.subject or "the topic at hand"
    if FAULTS.search(name) or (reading.task == "review" and not name):
        return _remarks(reading, count)
    if re.search("keyword|tag|topic|theme|term|skill", name or told):
        found = [subject, *(word for word in words.content_words(reading.text) if word not in words.words(subject))]
    else:
        key = next(key for key in _ITEMS if re.search(key, told))
        shown = " ".join(map(words.capitalised, subject.split())) if "title" in key else subject
        found = [words.capitalised(item.replace("{s}", shown)) for item in _ITEMS[key]]
    return [*found, *(f"More about {subject} ({n})" for n in range(1, count + 1))][:count]


def judged(reading: Reading) -> tuple[float, str]:
    """How good the text is, from 0 to 1, and what a judge says of it."""
    done = revisions(reading)
    return _GRADES[min(done, 3)] + min(len(reading.text.split()) // 20, 4) / 100, _VERDICTS[min(done, 2)]


def certain(reading: Reading) -> tuple[float, str]:
    """How sure a reply is, from 0 to 1, less if a message speaks of nothing known, and the reason for the reply."""
    is_known = reading.task != "answer" or facts.favoured(tuple(_ACTIONS), reading.text)
    return (0.9 if is_known else 0.5), f"The text says: {words.quoted(reading.text or reading.instruction)}"


def revisions(reading: Reading) -> int:
    """How often the text that is shown was revised."""
    return sum(reading.material.count(mark) for mark in (*_ADDITIONS, _REVISED))


def _shaped(said: list[str], reading: Reading) -> str:
    said = said[: reading.count("sentence") or len(said)]
    limit = re.search(r"(?:at most|under) (\d+) words", reading.instruction)
    while limit and len(said) > 1 and len(" ".join(said).split()) > int(limit[1]):
        said = said[:-1]
    return " ".join(said)


def _article(reading: Reading) -> str:
    """A text along the points that the prompt lists, if it does; better where it answers feedback."""
    subject, paragraphs = reading.subject or "the topic at hand", reading.count("paragraph") or 1
    known = {p.replace("{s}", subject): words.sentences(text.replace("{s}", subject)) for p, text in _ARTICLE.items()}
    bank = list(known.values())
    parts = [
        known.get(point) or [f"A word about this: {point[:100].rstrip('.')}.", bank[i % 4][1]]
        for i, point in enumerate(words.points(reading.text)[:8])
    ] or (bank if paragraphs > 1 or reading.count("sentence") else bank[::2])
    better = 1 + (_VERDICTS[1] in reading.feedback) if reading.feedback else 0
    parts[-1] = [*parts[-1], *_ADDITIONS[:better]]
    ends = [len(parts) * part // paragraphs for part in range(paragraphs + 1)]
    return "\n\n".join(_shaped([s for part in parts[a:b] for s in part], reading) for a, b in pairwise(ends) if a < b)


def _revision(reading: Reading, draft: str) -> str:
    """A draft in plainer words, if these are asked for, else with its next addition."""
    if re.search("plain|simpl", reading.instruction):
        for stiff, plain in _PLAIN.items():
            draft = re.sub(rf"(?i)\b{stiff}", plain, draft)
        said = [words.capitalised(part) for part in re.split(r"(?<=[.!?])\s+|; |, and ", draft) if part]
        return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in said)
    return f"{draft}{'' if draft.endswith(('.', '!', '?')) else '.'} {_ADDITIONS[revisions(reading) % len(_ADDITIONS)]}"


def _remarks(reading: Reading, count: int) -> list[str]:
    """At most `count` remarks, each about another place in the text; fewer about a text that was revised."""
    orders, done = f"{reading.instruction}\n{reading.background}".lower(), revisions(reading)
    turn, own = next((i, said) for i, (aspect, said) in enumerate(_REMARKS.items()) if re.search(aspect, orders))
    said = words.points(reading.text) or words.sentences(reading.text)
    places = [words.quoted(sentence.rstrip("."), 80) for sentence in said if " " in sentence] or ["The text"]
    left = count if not done else 0 if "empty list" in orders else max(2 - done, 0)
    bank = (own, *_MORE_REMARKS)
    every = [bank[i % 3].replace("{w}", places[(turn + i) % len(places)]) for i in range(min(count, left))]
    return list(dict.fromkeys(every))


def _summary(reading: Reading, text: str) -> str:
    found = words.points(text) or [f"{label}: {said}".lstrip(": ") for label, said in reading.passages]
    if len(found) > 1:
        return "\n- ".join([f"In short, {len(found)} points:", *map(words.capitalised, found)])
    return f"In short: {_shaped(words.sentences(text)[:2], reading)}"


def _answer(reading: Reading, text: str) -> str:
    asked = dict(reading.passages).get("question", "")
    sources = [s for label, shown in reading.passages if asked and label != "question" for s in words.sentences(shown)]
    if sources:
        known = set(words.content_words(asked))
        return f"According to the text: {max(sources, key=lambda s: len(known & set(words.words(s))))}"
    text = asked or text
    first = words.quoted(next(iter(words.sentences(text)), text).rstrip("."), 160)
    topic = next(iter(facts.favoured(tuple(_ACTIONS), text)), "")
    if text.endswith("?") and not topic:
        return f"You asked {first}, but the demo model knows no facts: a real model's answer would stand here."
    said = [f"Thank you for your message {first}.", _ACTIONS.get(topic, "We will answer within one working day.")]
    if facts.favoured(("negative", "positive"), text)[:1] == ["negative"] and reading.count("sentence") != len(said):
        said.insert(0, "We are sorry for the trouble.")
    return _shaped(said, reading)
