"""Plain text, by task: written, summarised, answered, reviewed, in the form the prompt asks for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from configurable_agents.builtins.providers.demo_model import (
    choosing,
    facts,
    items,
    judging,
    phrases,
    records,
    reviewing,
)
from configurable_agents.builtins.providers.demo_model.answering import answer
from configurable_agents.builtins.providers.demo_model.reading import Reading
from configurable_agents.builtins.providers.demo_model.shaping import filled, shaped
from configurable_agents.builtins.providers.demo_model.words import (
    capitalised,
    cited,
    content_words,
    pick,
    quoted,
    sentences,
    shortened,
    stems,
    uncapitalised,
)

_QUOTED_CHARACTERS = 160
_SUMMARY_SENTENCES = 2
_MOST_POINTS = 6
_SENTENCES_WITH_POINTS = 3
_LANGUAGE = re.compile(r"\b(?:to|into|in)\s+([A-Z][a-z]{3,})\b")


def compose(reading: Reading, task: str = "") -> str:
    """The reply in plain text; `task` is another than the prompt's where a property's name says so."""
    task = task or reading.task
    if not reading.prompt.strip():
        return "The prompt is empty, so there is nothing to write about."
    option = choosing.chosen_from_options(reading) if task == reading.task else None
    return option if option is not None else _TASKS.get(task, _write)(reading)


def write_genre(reading: Reading, genre: str) -> str:
    """A text of one of `phrases.GENRES`."""
    return (
        "\n".join(filled(phrases.GENRES[genre], reading))
        if genre == "email"
        else shaped(filled(phrases.GENRES[genre], reading), reading)
    )


def verdict(reading: Reading) -> str:
    """What a judge says of a draft; it gets better with each revision."""
    level = min(judging.revisions(reading), len(phrases.VERDICTS) - 1)
    return phrases.fill(phrases.VERDICTS[level], items.subject_of(reading))


def reason(reading: Reading) -> str:
    """Why: the words of the text that decided."""
    if reading.task == "judge":
        return verdict(reading)
    said = sentences(records.readable(reading.main_text()))
    return (
        f"The text says: {cited(said[0])}"
        if said
        else f"This follows from what is known about {items.subject_of(reading)}."
    )


def _write(reading: Reading) -> str:
    genre = _genre(reading)
    points = records.points(reading.main_text())
    if genre and not points:
        return write_genre(reading, genre)
    bank = phrases.GENRES[genre] if genre else pick(phrases.ARTICLES, reading.orders.replace(reading.subject, ""))
    said = filled(bank, reading)
    if points:
        said = said if reading.form.paragraphs else said[:_SENTENCES_WITH_POINTS]
        listed = "; ".join(uncapitalised(shortened(point, 90).rstrip(".")) for point in points[:_MOST_POINTS])
        said.append(f"The main points, in order: {listed}.")
    return shaped(said, reading)


def _genre(reading: Reading) -> str:
    told = re.split(r"\b(?:about|on|for|of)\b", reading.instruction, maxsplit=1)[0] or reading.instruction
    return next((g for g, p in phrases.GENRE_WORDS.items() if re.search(rf"\b(?:{p})\b", told, re.IGNORECASE)), "")


def _summarise(reading: Reading) -> str:
    labelled = [p for p in reading.passages if p.label]
    if len(labelled) > 1:
        texts = [(capitalised(p.label), _extract(records.readable(p.text), 1)) for p in labelled]
        return "\n".join(f"{label}: {shortened(said[0], 200)}" for label, said in texts if said)
    text = reading.main_text()
    points = records.points(text)
    if points:
        count = reading.form.count or len(points)
        lines = [f"- {shortened(point, 200)}" for point in points[:count]]
        return "\n".join([f"{len(points)} {'point' if len(points) == 1 else 'points'}, in the order given:", *lines])
    said = _extract(text, reading.form.sentences or reading.form.count or _SUMMARY_SENTENCES)
    if not said:
        return _write(reading)
    return shaped(said, reading) if reading.form.bullets else f"In short: {shaped(said, reading)}"


def _extract(text: str, count: int) -> list[str]:
    """The sentences that hold most of what the text repeats, in its order; the first is always one of them."""
    said = sentences(text)
    known = Counter(stem for stem in stems(" ".join(content_words(text))))
    known.update(stems(text))
    order = sorted(range(1, len(said)), key=lambda i: -sum(known[s] for s in set(stems(said[i]))) / (len(said[i]) + 20))
    return [said[i] for i in sorted([0, *order][:count])] if said else []


def _judge(reading: Reading) -> str:
    said = verdict(reading)
    wants_number = re.search(r"\b(?:score|rate|grade)\b", reading.instruction, re.IGNORECASE)
    return f"{said} Score: {judging.grade(reading):.2f} of 1." if wants_number else said


def _review(reading: Reading) -> str:
    found = reviewing.remarks(reading, reading.form.count or _SUMMARY_SENTENCES)
    if reading.form.sentences == 1:
        return found[0]
    return (
        "\n".join(f"- {remark}" for remark in found)
        if reading.form.bullets or len(found) > _SUMMARY_SENTENCES
        else " ".join(found)
    )


def _title(reading: Reading) -> str:
    titles = items.titles(reading)
    count = reading.form.count or 1
    return titles[0] if count == 1 else "\n".join(f"- {title}" for title in titles[:count])


def _list(reading: Reading) -> str:
    found = items.made(reading, "", reading.main_text())
    count = reading.form.count or items.DEFAULT_COUNT
    found += [items.more(reading, index) for index in range(len(found), count)]
    return "\n".join(f"- {item}" for item in found[:count])


def _greet(reading: Reading) -> str:
    said = filled(
        (pick(phrases.GREETINGS, reading.orders.replace(reading.subject, "")), *phrases.GREETING_MORE),
        reading,
    )
    return shaped(said[:_SUMMARY_SENTENCES] if reading.subject else ["Hello! It is good to have you here."], reading)


def _translate(reading: Reading) -> str:
    language = _LANGUAGE.search(reading.instruction)
    into = f"in {language[1]}" if language else "in the other language"
    text = quoted(reading.main_text() or reading.subject, _QUOTED_CHARACTERS)
    return judging.translated(reading, f"{text} would now be said {into} by a real model.")


def _classify(reading: Reading) -> str:
    said = sentences(reading.main_text())
    about = f"This is about {items.subject_of(reading)}."
    return f"{about} The text says: {cited(said[0])}" if said else about


def _facts(reading: Reading) -> str:
    text = reading.material
    kinds = ("person", "company", "email", "phone", "date", "address", "url")
    found = [f"{capitalised(kind)}: {', '.join(facts.find(kind, text))}" for kind in kinds if facts.find(kind, text)]
    ordered = [f"Item: {line.text}" for line in records.order_lines(text) if "money" in line.known]
    return "\n".join([*found, *ordered]) or _summarise(reading)


def _fix(reading: Reading) -> str:
    line = re.search(r"\bline (\d+)", reading.prompt)
    places = [*facts.find("path", reading.prompt)[:1], *([line[0]] if line else [])]
    where = f"In {', '.join(places)}, first" if places else "First"
    problem = (
        re.split(r"\s[-\u2013]\s|:\s", reading.prompt, maxsplit=1)[1:] or [reading.main_text() or reading.subject]
    )[0]
    said = f"{where} write a test that shows the problem, then make the smallest edit that removes it."
    return f"{said} The problem: {shortened(problem, _QUOTED_CHARACTERS)}"


_TASKS: dict[str, Callable[[Reading], str]] = {
    "summarise": _summarise, "title": _title, "revise": judging.revise, "judge": _judge, "review": _review, "fix": _fix,
    "translate": _translate, "greet": _greet, "answer": answer, "classify": _classify, "extract": _facts, "list": _list,
    "reason": reason,
}  # fmt: skip
