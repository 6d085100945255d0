"""Text that fits a regular expression: found in the prompt, else made.

Look-arounds and back-references are not made.
"""

from __future__ import annotations

import re
import string
import warnings

_CLASSES = {"d": string.digits, "w": "abcdefghijklmnopqrstuvwxyz0123456789_", "s": " "}
_UNESCAPED = {"n": "\n", "t": "\t", "r": "\r"}
_VISIBLE = string.ascii_lowercase + string.ascii_uppercase + string.digits + " -_.,:;/#@+*!?()[]{}%&='\"<>|~^$\\`"
_MOST_EXTRA = 64
_LONGEST = 10_000
_REPEAT = re.compile(r"\{(\d+)(,?)(\d*)\}")
_ENDS = "bBAzZG"


class _UnsupportedError(Exception):
    """The expression holds something that this generator can't make."""


def fitting(pattern: str, text: str, shortest: int, longest: int | None) -> str | None:
    """A string that `pattern` finds itself in, of a length from `shortest` to `longest`; None if none was found."""
    inner = pattern.removeprefix("^").removesuffix("$")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what a later Python may read otherwise; patterns are Rust's here
            expression = re.compile(pattern)
            anywhere = re.compile(rf"(?<!\w)(?:{inner})(?!\w)")
    except (re.error, RecursionError, OverflowError):
        return None

    def fits(value: str) -> bool:
        return bool(expression.search(value)) and shortest <= len(value) <= (len(value) if longest is None else longest)

    found = [match[0] for match in anywhere.finditer(text)]
    for extra in range(_MOST_EXTRA):
        try:
            found.append(_Maker(pattern, extra).whole())
        except _UnsupportedError:
            break
    return next((value for value in found if value and fits(value)), "" if fits("") else None)


class _Maker:
    """Makes one string while it reads the expression: the first way of each choice, `extra` more of each repetition."""

    def __init__(self, pattern: str, extra: int) -> None:
        self.pattern, self.at, self.extra, self.made = pattern, 0, extra, 0

    def whole(self) -> str:
        value = self.alternatives()
        if self.at < len(self.pattern):
            raise _UnsupportedError
        return value

    def peek(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def take(self) -> str:
        char = self.peek()
        if not char:
            raise _UnsupportedError
        self.at += 1
        return char

    def alternatives(self) -> str:
        first = self.sequence()
        while self.peek() == "|":
            self.at += 1
            self.sequence()
        return first

    def sequence(self) -> str:
        out = ""
        while self.peek() and self.peek() not in "|)":
            start = self.at
            value = self.atom()
            after = self.at
            low, high = self.repetition()
            end = self.at
            times = low if high is not None and high <= low else min(low + self.extra, high or low + self.extra)
            if times:
                out += value
            for _ in range(times - 1):
                self.at = start
                out += self.atom()
                if len(out) > _LONGEST:
                    raise _UnsupportedError
            self.at = max(after, end)
        return out

    def repetition(self) -> tuple[int, int | None]:
        char = self.peek()
        low: int
        high: int | None
        counted = _REPEAT.match(self.pattern, self.at)
        if counted:
            self.at = counted.end()
            low = int(counted[1])
            high = low if not counted[2] else int(counted[3]) if counted[3] else None
        elif char and char in "*+?":
            self.at += 1
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[char]
        else:
            return 1, 1
        if self.peek() == "?":
            self.at += 1
        return low, high

    def atom(self) -> str:
        char = self.take()
        if char in "^$":
            return ""
        if char == "(":
            return self.group()
        if char == "[":
            return self.next_of(self.char_class())
        if char == ".":
            return self.next_of(string.ascii_lowercase)
        if char == "\\":
            escaped = self.take()
            return "" if escaped in _ENDS else self.next_of(self.escape(escaped))
        return char

    def group(self) -> str:
        if self.pattern.startswith("?", self.at):
            name = re.compile(r"\?(?::|P?<[A-Za-z_]\w*>)").match(self.pattern, self.at)
            if name is None:
                raise _UnsupportedError
            self.at = name.end()
        value = self.alternatives()
        if self.take() != ")":
            raise _UnsupportedError
        return value

    def escape(self, char: str) -> str:
        if char in _CLASSES:
            return _CLASSES[char]
        if char.lower() in _CLASSES:
            return "".join(
                c for c in _VISIBLE if c not in _CLASSES[char.lower()] + string.ascii_uppercase * (char == "W")
            )
        if char.isalnum() and char not in _UNESCAPED:
            raise _UnsupportedError
        return _UNESCAPED.get(char, char)

    def char_class(self) -> str:
        excludes = self.peek() == "^"
        self.at += excludes
        chars = ""
        while self.peek() != "]" or not chars:
            char = self.take()
            options = self.escape(self.take()) if char == "\\" else char
            if len(options) == 1 and self.peek() == "-" and self.pattern[self.at + 1 : self.at + 2] not in {"]", ""}:
                self.at += 1
                last = self.take()
                last = self.escape(self.take()) if last == "\\" else last
                options = "".join(map(chr, range(ord(options), min(ord(last[0]), ord(options) + 200) + 1)))
            chars += options
        self.at += 1
        chars = "".join(c for c in _VISIBLE if c not in chars) if excludes else chars
        if not chars:
            raise _UnsupportedError
        return chars

    def next_of(self, chars: str) -> str:
        """Another character each time, so that a made code looks like one."""
        shown = chars[1:] + chars[0] if chars == string.digits else chars
        char = shown[self.made % len(shown)]
        self.made += len(chars) > 1
        return char
