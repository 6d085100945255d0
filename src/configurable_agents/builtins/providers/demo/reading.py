"""Reading a conversation: what is asked for, about what, and in which form.

A rendered prompt no longer shows which of its words were written by the author and which came from the fields, so it is
split by form into what it orders and the passages that it is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from configurable_agents.builtins.providers.demo.words import main_phrase, name_words, sentences, stem, word_set, words
from configurable_agents.plugins.models import Message

Passages = list[tuple[str, str]]
READ_CHARACTERS = 20_000  # of a message; what comes after is not looked at

_TASKS = {
    "summarise": "summarise|summarize|shorten|condense|combine|merge",
    "revise": "revise|improve|rewrite|polish|rework|edit|refine|simplify",
    "judge": "judge|rate|score|grade|evaluate|assess|critique|how good",
    "review": "review|check|proofread|what is wrong",
    "translate": "translate",
    "greet": "greet|welcome|say hello",
    "answer": "answer|reply|respond",
    "classify": "classify|categorise|triage|sort|label|decide|which|is this|how does|how severe|how urgent",
    "extract": "extract|parse|identify|find",
    "list": "list|outline|brainstorm|name",
    "write": "write|draft|compose|explain|describe|tell|create|generate|suggest|give|make|plan|research|analyse",
}
_VERBS = frozenset("|".join(_TASKS.values()).split("|")) | word_set(
    "use keep be avoid do don't include add say return output report choose pick mention focus end act imagine think"
)
# What prompts call the texts in them; what follows one of `_SUBJECTS` is what to write about.
_SUBJECTS = word_set("topic subject theme product title name about idea")
_TEXTS = _SUBJECTS | word_set(
    """draft article text story email mail message letter ticket review feedback comment notes report answer question
    outline document paragraph order request claims findings reviews invoice original context translation items"""
)
_RULES = word_set("role task goal instructions rules style tone format language length audience options categories")
_RETURNING = word_set("reply answer respond return output choose rate score write summarise list classify use")
_LEAD_INS = word_set("please now then next also first finally always never only")
_RULE = re.compile(
    r"(?i)(?:you(?:r| are| will| must| should| answer| review| write)|act as)\b"
    r"|(?:at most|no|max|in|exactly)\b.{0,30}\b(?:words?|sentences?|paragraphs?|preamble|lines?)\b"
)
_LABEL = re.compile(r"[ \t]*(?:#{1,6}[ \t]+(.{1,60})|\**([A-Za-z][\w' /-]{0,40})\**:\**(?:[ \t]+(.*))?)$")
_TAG = re.compile(r"<([A-Za-z][\w-]*)>([^<]+)</\1>")
_QUOTE = re.compile(r'(?<![\w"])"([^"\s][^"]*\W[^"]*|\W+)"(?!\w)')  # a lone word is left in its sentence
_GLUED = str.maketrans(" \n:", "\ue000\ue001\ue002")  # keeps a quotation from being split
_LOOSE = str.maketrans("\ue000\ue001\ue002", " \n:")

_TASK = re.compile(
    r"(?i)(?P<sort>\bwhat (?:is|are) th\w+ [\w ]{1,40} about)|"
    + "|".join(rf"(?P<{task}>\b(?:{verbs})\b)" for task, verbs in _TASKS.items())
)
# What is to be written makes a task more exact: `Write a greeting` is greeting.
_WRITTEN = re.compile(
    r"\b(?:(?P<title>titles?|headlines?|slogans?)|(?P<summarise>summary)|(?P<judge>feedback|score)|(?P<greet>greeting)"
    r"|(?P<list>list|outline|ideas|steps|questions|facts|keywords|points|risks|tips)|(?P<answer>reply|answer))\b"
)
_FEEDBACK = word_set("feedback comment comments critique remarks suggestions mistakes")
_DETERMINERS = word_set("this the a an my your our each every its that last first")
_NUMBERS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "ten": 10}
_COUNTED = re.compile(rf"(?i)\b(\d{{1,3}}|{'|'.join(_NUMBERS)})[ -](?:[\w-]+ )?([a-z]+s|sentence|paragraph)\b")
_LEADS = ("about|regarding|called", "explain(?: how)?|describe|on", "greet|welcome|hello to|for|to", "of|plan|research")
_ABOUT = tuple(re.compile(rf"(?i)\b(?:{lead})\s+") for lead in _LEADS)
_END = re.compile(
    r"[,.!?;:\n]|\s(?:in (?:\w+ )?(?:sentences?|paragraphs?|words|plain|an?|exactly|at most)\b|for (?:an?|the|\w+s)\b"
    r"|to (?:an?|the|my)\b|(?:works?|with|that|which|using|should|must)\b|and (?:end|give|say|keep|then)\b)"
)
_NO_SUBJECT = re.compile(r"(?i)(?:this|these|that|it|them|following|above|below|each|what|how|which|your?)\b")


@dataclass(frozen=True, slots=True)
class Reading:
    """What is asked for: `instruction` says what to do with `passages`, pairs of label and text, `rules` how long."""

    instruction: str
    background: str
    passages: Passages
    feedback: str
    task: str
    subject: str
    rules: str

    @property
    def material(self) -> str:
        """All passages with their labels; the instruction where there are none."""
        return "\n".join(f"{label}: {text}" if label else text for label, text in self.passages) or self.instruction

    @property
    def text(self) -> str:
        return max((text for _, text in self.passages), key=len, default="")

    def count(self, name: str = "") -> int | None:
        """How many things of this name, or of any, are asked for: 5 for titles in `five short titles`."""
        wanted = {stem(word) for word in name_words(name)}
        for number, thing in _COUNTED.findall(f"{self.background}\n{self.instruction}"):
            if stem(thing) in wanted or (not wanted and not re.match("sentence|paragraph|word|line", thing)):
                return _NUMBERS.get(number.lower()) or int(number)
        return None


def read(messages: Sequence[Message]) -> Reading:
    """What the last user message asks for; one that complains of the reply before it is no new question."""
    asked = [m.content for m in messages if m.role == "user" and not m.content.startswith("Your reply ")]
    background = "\n".join(m.content for m in messages if m.role == "system")[:READ_CHARACTERS]
    background, _, rules = background.partition("Your whole reply must ")  # the gateway's words
    instruction, shown = _split(asked[-1][:READ_CHARACTERS] if asked else "")
    feedback = "\n".join(text for label, text in shown if label in _FEEDBACK)
    passages = [(label, text) for label, text in shown if label not in _FEEDBACK] or shown
    task = _task(instruction, passages) or _task(background, passages)
    task = task or ("write" if instruction and not instruction.endswith("?") else "answer")
    subject = _subject(instruction, passages, names_all=not passages or task in {"write", "list", "greet", "title"})
    return Reading(instruction, background, passages, feedback, task, subject, rules)


def _split(prompt: str) -> tuple[str, Passages]:
    """What a prompt orders, and its passages: each begins with a label, a colon or a line that orders nothing."""
    told: list[str] = []
    passages: Passages = []
    mood, after_blank = "told", True  # or "shown", or "rules": what stands under a label such as `Style:`
    text = _TAG.sub(r"\n\n\1:\n\2\n\n", prompt.translate(_LOOSE))
    for line in _QUOTE.sub(lambda quotation: quotation[0].translate(_GLUED), text).splitlines():
        name, rest = _label(line, within=mood == "shown" and not (after_blank and passages[-1][0]))
        if set(name.split()[-1:]) & _RULES or (mood == "rules" and line.strip() and not name):
            told.append(line)
            mood = "rules"
        elif name:
            passages.append((name, rest))
            mood = "shown"
        elif mood == "shown" and not (after_blank and _RETURNING & set(words(line)[:1])):
            passages[-1] = (passages[-1][0], f"{passages[-1][1]}\n{line}")
        else:
            begun = _read_orders(line, told)
            passages += begun
            mood = "shown" if begun else "told"
        after_blank = not line.strip()
    orders = "\n".join(told)
    found = [*(("", quotation) for quotation in _QUOTE.findall(orders)), *passages]
    opened = [(label, passage.translate(_LOOSE).strip('" \n')) for label, passage in found]
    return _QUOTE.sub("\u2026", orders).strip(), [(label, passage) for label, passage in opened if passage]


def _label(line: str, *, within: bool) -> tuple[str, str]:
    """The label of a line, in lower case, and what follows it; within a passage only a known word is one."""
    match = _LABEL.match(line)
    name = (match[1] or match[2]).lower().split() if match else [""]
    is_known = name[-1] in _TEXTS | _RULES or not (within or name[0] in _VERBS or len(name) > 3)
    return (" ".join(name), match[3] or "") if match and is_known and not _VERBS & set(name[:-1]) else ("", "")


def _read_orders(line: str, told: list[str]) -> Passages:
    """Adds what a line orders to `told`, and gives the passage that begins in it, if any."""
    said = sentences(line)
    for index, sentence in enumerate(said):
        rest = " ".join(said[index:])
        low = [word for word in words(sentence) if word not in _LEAD_INS]
        asks = sentence.endswith("?") and (not told or {"this", "these", "following"} & set(low))
        if not (asks or _RULE.match(sentence) or _VERBS & set(low[:1])):
            name, after = _label(rest, within=False)
            return [(name, after if name else rest)]
        head, colon, _ = sentence.partition(":")
        if colon:
            told.append(f"{head}:")
            named = [word for word in words(head) if word in _TEXTS]
            return [(named[-1] if named else "", rest[len(head) + 1 :].strip())]
        told.append(sentence)
    return []


def _task(text: str, passages: Passages) -> str:
    """The first of `_TASKS` that a text tells to do, empty if it tells none."""
    for match in _TASK.finditer(text):
        if set(words(text[max(match.start() - 12, 0) : match.start()])[-1:]) & _DETERMINERS:
            continue  # `this draft` names a thing
        task, rest = match.lastgroup or "", text[match.end() : match.end() + 100].lower()
        written = _WRITTEN.search(re.split(r"\b(?:about|on|of|for|to|from|that|with|in)\b|[.:;?!]", rest)[0])
        if task in {"write", "list"} and written:
            task = written.lastgroup or task
        return "write" if task in {"summarise", "revise"} and not passages else task.replace("sort", "classify")
    return ""


def _subject(instruction: str, passages: Passages, *, names_all: bool) -> str:
    """A phrase that reads well after "about": what is named so or short, else what the passages repeat."""
    short = [(label, text) for label, text in passages if re.fullmatch(r".{0,59}[^.!?]", text)]
    named = [text for label, text in short if set(label.split()) & _SUBJECTS]
    for lead in () if named else _ABOUT if names_all else _ABOUT[:2]:
        for match in lead.finditer(instruction):
            phrase = instruction[match.end() : match.end() + 100]
            end = _END.search(phrase)
            phrase = phrase[: end.start() if end else None].strip(" \"'*`\u2026")
            low = words(phrase)
            if low and low[-1] not in _TEXTS and low[0] not in _VERBS and not _NO_SUBJECT.match(phrase):
                named.append(phrase)
    return next(iter([*named, *(text for _, text in short)]), "") or main_phrase(" ".join(text for _, text in passages))
