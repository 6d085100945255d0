"""YAML's own traps, explained: what the parser stumbled over, and what to write instead."""

from __future__ import annotations

import re

import yaml

from configurable_agents.errors import Finding, Fix
from configurable_agents.spec.quoting import quoted, surely_text
from configurable_agents.spec.source import Source
from configurable_agents.spec.suggest import Edit, Suggestion

# `key: value` on one line, as far as it can be told without a parser.
_PAIR = re.compile(r"^(?P<lead>\s*(?:-\s+)*)(?P<key>[^\s:#'\"{\[&*!|>%@`-][^:#]*?)\s*:\s+(?P<value>\S.*?)\s*$")


_FLOW = re.compile(r"[\]}]|,(?:\s|$)")

# What stands before and after a value between braces or brackets.
_BEFORE, _AFTER = re.compile(r"(?::\s|[,\[{])\s*$"), re.compile(r"\s*(?:[,}\]]|$)")

_QUOTED = re.compile(r"""(?:'(?:[^']|'')*'|"(?:[^"\\]|\\.)*")(?:\s+#.*)?""")

# What libyaml does not read (YAML 1.2.2, section 5.1): control characters, surrogates, and two that are no characters.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def explain(error: yaml.YAMLError, source: Source) -> Finding:
    """The finding for a YAML syntax error: one of the traps where it is one, else the parser's own words."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return _unreadable(error, source)
    mark = error.problem_mark or error.context_mark
    place = (mark.line, mark.column) if mark else (0, 0)
    start = (error.context_mark.line, error.context_mark.column) if error.context_mark else place
    problem, context = error.problem or "", error.context or ""
    for trap in (_start, _colon, _flow, _quote, _block, _key, _indent):
        found = trap(source, problem, context, place, start)
        if found is not None:
            return found
    words = f"{problem} {context}".strip()
    return source.finding("yaml_syntax", f"This is no valid YAML: {words}.", "If this is text, quote it.", place)


def _unreadable(error: yaml.YAMLError, source: Source) -> Finding:
    found = _FORBIDDEN.search(source.text)
    if found is None:
        return source.finding("yaml_syntax", f"This is no valid YAML: {error}.", "If this is text, quote it.", (0, 0))
    message = f"The file holds a control character (U+{ord(found.group()):04X}), which YAML does not allow."
    return source.finding("yaml_syntax", message, "Remove it.", source.place(found.start()))


def _line(source: Source, place: tuple[int, int]) -> str:
    return source.lines[place[0]] if place[0] < len(source.lines) else ""


def _start(
    source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]
) -> Finding | None:
    line = _line(source, place)
    if "cannot start any token" in problem:
        char = line[place[1]] if place[1] < len(line) else ""
        if char == "\t":
            message = "A tab stands here; YAML is indented with spaces only."
            return source.finding("yaml_tab", message, "Replace the tab with spaces.", place)
        message = f"YAML does not allow a value to start with '{char}'."
        return _unquoted(source, message, place)
    if "alias" in context or "anchor" in context:
        char = "*" if "alias" in context else "&"
        message = f"YAML reads a value that starts with '{char}' as an {'alias' if char == '*' else 'anchor'}."
        return _unquoted(source, message, start)
    if "tag" in context:
        message = "YAML reads a value that starts with '!' as a tag."
        return _unquoted(source, message, start)
    if "block sequence entries are not allowed" in problem:
        hint = f"Put each item on a line of its own, or quote the text: {quoted(line[place[1] :].rstrip())}"
        return source.finding("yaml_start", "A list can't begin on the line of its key.", hint, place)
    return None


def _unquoted(source: Source, message: str, place: tuple[int, int]) -> Finding:
    """A text whose first character has a meaning to YAML; it reaches to the end of the line."""
    text = _line(source, place)[place[1] :].rstrip()
    fix = (
        _quoting(source, place, text) if not _FLOW.search(re.sub("{{.*?}}", "", text)) else None
    )  # within brackets it may end before
    return source.finding("yaml_start", message, Edit(f"Quote it: {quoted(text)}", fix), place)


def _quoting(source: Source, place: tuple[int, int], text: str) -> Fix | None:
    """The edit that quotes a text, unless it may be more than a text, or more or less than all of it."""
    line, column = place
    whole = re.search(r"\s#", text) is None and not _goes_on(source, line) and surely_text(text)
    return Fix(line + 1, column + 1, len(text), quoted(text)) if whole else None


def _goes_on(source: Source, line: int) -> bool:
    """Whether what follows a line is indented more than the key, or the dash, of the value that ends it."""
    pair = _PAIR.match(source.lines[line])
    lead = pair["lead"] if pair else source.lines[line].partition("-")[0]
    following = next((text for text in source.lines[line + 1 :] if text.strip()), "")
    return len(following) - len(following.lstrip()) > len(lead)


def _colon(
    source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]
) -> Finding | None:
    if "mapping values are not allowed" not in problem:
        return None
    line = _line(source, place)
    pair = _PAIR.match(line)
    if pair is None or place[1] <= pair.end("key"):
        above = [number for number in range(place[0]) if source.lines[number].strip()][-2:]
        if (
            above
            and ":" not in source.lines[above[-1]]
            and (len(above) == 1 or source.lines[above[0]].rstrip().endswith(":"))
        ):
            return _key(source, problem, "simple key", place, _start_of(source, above[-1]))
        message = "This line is indented as if it belonged to the value of the line before."
        hint = "Give it the indentation of its neighbours, or end the line before with ':' and nothing after."
        return source.finding("yaml_indent", message, hint, (place[0], len(line) - len(line.lstrip())))
    message = f"The text after '{pair['key']}:' holds ': ', which YAML reads as another key."
    hint = f"Quote the text: {pair['key']}: {quoted(pair['value'])}"
    if not surely_text(pair["value"]):
        hint += ". If these are keys, put them between braces, or each on a line of its own."
    return source.finding(
        "yaml_colon", message, Edit(hint, _quoting(source, (place[0], pair.start("value")), pair["value"])), place
    )


def _start_of(source: Source, line: int) -> tuple[int, int]:
    return line, len(source.lines[line]) - len(source.lines[line].lstrip())


def _flow(source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]) -> Finding | None:
    if "flow" not in context:
        return None
    line = _line(source, place)
    for match in re.finditer(r"(?P<word>\w+)\[[^\]]*\]+\??", line):
        if match.start() <= place[1] <= match.end() and start[0] == place[0]:
            message = "Between braces, brackets end a plain text, so this type must be quoted."
            hint = f'Write "{match.group()}".'
            whole = _BEFORE.search(line[: match.start()]) and _AFTER.match(line, match.end())
            return source.finding(
                "unquoted_type",
                message,
                Suggestion(hint, match.group(), f'"{match.group()}"') if whole else hint,
                (place[0], match.start()),
                len(match.group()),
            )
    bracket = "}" if "mapping" in context else "]"
    if place[0] != start[0] or place[1] >= len(line):
        opening, start = _opening(source, place)
        cut = re.search(r"\s#(?=.*[}\]])", source.lines[start[0]][start[1] :])
        if cut is not None:
            message = "YAML reads ' #' as the beginning of a comment, which cuts this text short."
            place = (start[0], start[1] + cut.start() + 1)
            hint = "Quote the text that holds it. A comment goes on a line of its own."
            return source.finding("text_cut_short", message, hint, place, len(source.lines[start[0]]) - place[1])
        bracket = "}" if opening == "{" else "]"
        message = f"The '{opening}' is never closed."
        return source.finding("yaml_unclosed", message, f"Add the missing '{bracket}'.", start)
    message = f"A ',' or '{bracket}' was expected here."
    hint = "Between braces and brackets, quote a text that holds any of , [ ] { } or ': '."
    return source.finding("yaml_syntax", message, hint, place)


def _opening(source: Source, place: tuple[int, int]) -> tuple[str, tuple[int, int]]:
    """The last brace or bracket before `place` that is not closed by then, and where it is."""
    closed = 0
    for number in range(min(place[0], len(source.lines) - 1), -1, -1):
        text = re.sub(r"(?<=\s)#.*", "", source.lines[number])  # without its comment
        for column in range((min(place[1], len(text)) if number == place[0] else len(text)) - 1, -1, -1):
            if text[column] in "]}":
                closed += 1
            elif text[column] in "[{" and closed:
                closed -= 1
            elif text[column] in "[{":
                return text[column], (number, column)
    return "[", (min(place[0], len(source.lines) - 1), 0)


def _quote(
    source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]
) -> Finding | None:
    if "quoted scalar" in context:
        if "escape" in problem:
            hint = "Double the backslash, or use single quotes, in which it is an ordinary character."
            return source.finding("yaml_escape", "This backslash begins no escape that YAML knows.", hint, place)
        hint = "Close the quote. A ' inside '…' is written ''."
        return source.finding("yaml_unclosed", "The quote that opens here is never closed.", hint, start)
    if "did not find expected key" not in problem and "did not find expected <" not in problem:
        return None
    pair = _PAIR.match(_line(source, place))
    if pair is None or place[1] <= pair.start("value"):
        return None
    value, column = pair["value"], pair.start("value")
    if _QUOTED.fullmatch(value) or (value[0] in "[{" and value[-1] in "]}" and not value.startswith("{{")):
        return None  # it is as it should be: what is wrong is not in this line
    if value[0] in "'\"":
        message = f"The value starts with a quote and goes on after it; YAML ends it at the second {value[0]}."
    elif value.startswith("{{"):
        message = "YAML reads a value that starts with {{ as a mapping."
    elif value[0] in "[{":
        message = f"The value starts with '{value[0]}' and goes on after the bracket closes."
    else:
        return None
    code = "unquoted_template" if value.startswith("{{") else "yaml_quote"
    return source.finding(
        code,
        message,
        Edit(f"Quote all of it: {pair['key']}: {quoted(value)}", _quoting(source, (place[0], column), value)),
        (place[0], column),
        len(value),
    )


def _block(
    source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]
) -> Finding | None:
    if "block scalar" not in context:
        return None
    char = _line(source, start)[start[1] : start[1] + 1]
    message = f"After '{char}' the text begins on the next line."
    return source.finding("yaml_syntax", message, "Move the text to the next line, indented.", place)


def _key(source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]) -> Finding | None:
    if "simple key" not in context:
        return None
    line = _line(source, start)
    hint = "Write a key as `key: value`; a text that goes on in further lines is indented more than its key."
    message = "A ':' is missing after this key."
    return source.finding("yaml_syntax", message, hint, start, len(line.rstrip()) - start[1])


def _indent(
    source: Source, problem: str, context: str, place: tuple[int, int], start: tuple[int, int]
) -> Finding | None:
    line = _line(source, place)
    if "document start" in problem:
        message = "What begins here does not belong to what stands before it."
        return source.finding("yaml_indent", message, "Begin all keys of the file in the same column.", place)
    if "block mapping" not in context and "block collection" not in context:
        return None
    if line[place[1] :].startswith(":"):
        hint = "Write a name, or quote the line if it is text."
        return source.finding("null_key", "A key is missing before the ':'.", hint, place)
    indent = len(line) - len(line.lstrip())
    if indent != place[1] or indent == start[1]:
        return None
    message = f"This line is indented by {indent}, the block it seems to belong to (line {start[0] + 1}) by {start[1]}."
    return source.finding("yaml_indent", message, "Give both the same indentation.", place)
