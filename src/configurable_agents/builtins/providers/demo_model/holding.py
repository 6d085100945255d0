"""What stands in a prompt as one piece: quotations, code, tagged blocks, JSON."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"^```[^\n]*\n(.*?)^```[ \t]*$", re.DOTALL | re.MULTILINE)
_TAG = re.compile(r"<([a-zA-Z][\w-]{0,40})>(.{0,20000}?)</\1>", re.DOTALL)
_CODE = re.compile(r"`[^`\n]+`")
_QUOTE = re.compile(r"(?<![\w\"])\"([^\"\s][^\"]{0,6000}?)\"(?!\w)|“([^”]{1,6000})”")
_HELD = re.compile("\ue000(\\d+)\ue001")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text that a prompt is about; `label` is what the prompt calls it, in lower case, or empty."""

    label: str
    text: str


class Holder:
    """Keeps quotations, code and data out of the way while lines and sentences are split."""

    def __init__(self) -> None:
        self.kept: list[tuple[str, Passage | None]] = []

    def hold(self, whole: str, passage: Passage | None) -> str:
        """A mark that stands for `whole`; what is no passage is only kept from being split."""
        self.kept.append((whole, passage))
        return f"\ue000{len(self.kept) - 1}\ue001"

    def restore(self, text: str) -> str:
        while _HELD.search(text):
            text = _HELD.sub(lambda match: self.kept[int(match[1])][0], text)
        return text

    def opened(self, passage: Passage) -> Passage:
        """`passage` with all that was held in its place; a fence or a tag round the whole of it is taken off."""
        alone = _HELD.fullmatch(passage.text.strip())
        inner = (self.kept[int(alone[1])][1] if alone else None) or passage
        return Passage(passage.label or inner.label, self.restore(inner.text).strip())

    def passages(self, text: str) -> list[Passage]:
        found = (held for index in _HELD.findall(text) if (held := self.kept[int(index)][1]))
        return [Passage(passage.label, self.restore(passage.text).strip()) for passage in found]

    def hold_all(self, text: str) -> str:
        """`text` with marks for its code, tagged blocks, JSON and quotations, from the outside to the inside."""
        text = _FENCE.sub(lambda m: self.hold(m[0], Passage("code", m[1])), text.replace("\ue000", ""))
        text = _TAG.sub(lambda m: self.hold(m[0], Passage(m[1].lower().replace("_", " "), m[2])), text)
        text = self._hold_json(text)
        text = _CODE.sub(lambda m: self.hold(m[0], None), text)
        return _QUOTE.sub(self._hold_quote, text)

    def shortened(self, text: str) -> str:
        """`text` without what is held in it."""
        return _HELD.sub("…", text)

    def _hold_json(self, text: str) -> str:
        decoder = json.JSONDecoder()
        out, at = "", 0
        for match in re.finditer(r"[\[{](?=\s*[\"{\[])", text):
            if match.start() < at:
                continue
            try:
                _, end = decoder.raw_decode(text, match.start())
            except (ValueError, RecursionError):
                continue
            raw = text[match.start() : end]
            out += text[at : match.start()] + self.hold(raw, Passage("", raw))
            at = end
        return out + text[at:]

    def _hold_quote(self, match: re.Match[str]) -> str:
        inner = match[1] or match[2]
        before, after = match.string[: match.start()][-4:], match.string[match.end() :][:5]
        is_option = before.endswith("or ") or after.lstrip(", ").startswith("or ")
        return match[0] if is_option else self.hold(match[0], Passage("", inner))


def parse_json(text: str) -> Any:
    """The JSON that `text` is, None if it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
