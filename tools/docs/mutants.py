"""The table of the mistakes that the tests plant in right workflows, and of how many of them `validate` finds."""

from __future__ import annotations

import re

from tests.mutants.defects import DEFECTS, answers, folders
from tests.mutants.seeds import examples, seeds
from tools.docs.reference import markdown_table

_BLOCK = re.compile(r"(?<=<!-- mutants -->\n).*?(?=<!-- end of mutants -->)", re.DOTALL)


def with_mutants(page: str) -> str:
    """The page with the table between its markers as it is today; a page without markers stays."""
    return _BLOCK.sub(lambda _: measured(), page) if _BLOCK.search(page) else page


def measured() -> str:
    """Plants every mistake, and tells how many were found as one error at their place."""
    rows = []
    planted = found = 0
    with folders() as made:
        for defect in DEFECTS:
            told = [answer.found for _, answer in answers(defect, made)]
            code = f"[`{defect.code}`](docs/errors.md#{defect.code})"
            rows.append((defect.name, code, str(len(told)), str(sum(told))))
            planted, found = planted + len(told), found + sum(told)
    head = (
        f"{planted} mistakes of {len(DEFECTS)} kinds, planted in the {len(examples())} examples and in "
        f"{len(seeds()) - len(examples())} small workflows; {found} are found as one error at the exact place."
    )
    return f"\n{head}\n\n{markdown_table(('mistake', 'error', 'planted', 'found'), rows)}\n\n"
