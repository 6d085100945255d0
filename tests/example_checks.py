"""What each example has to show, beyond that it runs: checks of what `run --json` gives, by the example's name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

EXPECTED: dict[str, Callable[[dict[str, Any]], None]] = {}


def expected(check: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any]], None]:
    EXPECTED[check.__name__] = check
    return check


@expected
def hello(run: dict[str, Any]) -> None:
    assert run["steps"] == ["greet"]
    assert "Ada" in run["output"]["greeting"]


@expected
def article_writer(run: dict[str, Any]) -> None:
    assert run["steps"] == ["plan", "draft", "polish"]
    assert "Tidal Energy" in run["output"]["title"]
    assert 3 <= len(run["state"]["outline"]) <= 5
    assert all("tidal energy" in text for text in (run["state"]["draft"], run["output"]["article"]))


@expected
def support_router(run: dict[str, Any]) -> None:
    assert run["steps"] == ["triage", "billing", "answer"]
    assert run["output"]["topic"] == "billing"
    assert run["output"]["confidence"] >= 0.7
    assert run["output"]["escalated"] is False
    assert "invoice 4711" in run["output"]["reply"]


@expected
def draft_judge_revise(run: dict[str, Any]) -> None:
    revisions, scores = run["output"]["revisions"], run["output"]["scores"]
    assert 1 <= revisions <= 3
    assert run["steps"] == ["write", "judge", "record", *["revise", "judge", "record"] * revisions]
    assert len(scores) == revisions + 1
    assert scores == sorted(scores)
    assert scores[-1] >= 0.8 > scores[-2], "it ended because the judge was content, and no round too late"
    assert "sourdough" in run["output"]["draft"]


@expected
def parallel_reviewers(run: dict[str, Any]) -> None:
    steps = run["steps"]
    assert sorted(steps) == ["claims", "clarity", "facts", "law", "summarise", "tone"]
    assert steps[-1] == "summarise"
    assert steps.index("claims") < steps.index("facts")
    findings = run["output"]["findings"]
    assert sorted(finding["reviewer"] for finding in findings) == ["clarity", "facts", "law", "tone"]
    assert len({finding["problem"] for finding in findings}) == 4, "each reviewer says something of its own"
    assert all(reviewer in run["output"]["summary"] for reviewer in ("clarity", "facts", "law", "tone"))


@expected
def typed_extraction(run: dict[str, Any]) -> None:
    order = run["output"]["order"]
    assert order["customer"] == "Jana Novak"
    assert order["email"] == "jana.novak@example.com"
    assert order["address"] == {"street": "Lindenweg 12", "postcode": "50674", "city": "Köln"}
    assert [(line["quantity"], line["unit_price"]) for line in order["lines"]] == [(2, 49.9), (1, 35.0)]
    assert ["shel" in order["lines"][0]["product"], "lamp" in order["lines"][1]["product"]] == [True, True]
    assert (order["currency"], order["deliver_by"], order["phone"]) == ("EUR", "2026-03-14", None)
    assert "99.8 EUR" in run["output"]["receipt"]


@expected
def python_tools(run: dict[str, Any]) -> None:
    assert run["steps"] == ["measure", "look_up", "simplify", "check"]
    assert run["output"]["figures"] == {"words": 35, "sentences": 2, "longest_sentence": 32}
    assert [term["word"] for term in run["output"]["terms"]] == ["photosynthesis", "chlorophyll", "stomata"]
    assert run["output"]["plain"]
    assert all(isinstance(problem, str) for problem in run["output"]["problems"])


@expected
def prompts_in_files(run: dict[str, Any]) -> None:
    assert run["steps"] == ["read", "reply", "sign"]
    assert run["output"]["mood"] == "angry"
    reply, _, signature = run["output"]["letter"].partition("\n\nYours,\n")
    assert "sorry" in reply
    assert signature.strip() == "the people at Kettle & Co."


@expected
def translate_and_check(run: dict[str, Any]) -> None:
    assert run["steps"] in (["translate", "check"], ["translate", "check"] * 2)
    assert "library" in run["output"]["translation"]
    assert "German" in run["output"]["translation"]


@expected
def refund_guard(run: dict[str, Any]) -> None:
    assert run["steps"] == ["read", "grant"]
    assert run["output"]["amount"] == 49.9
    assert "A-4711" in run["output"]["reply"]


@expected
def savings_plan(run: dict[str, Any]) -> None:
    table = run["output"]["table"]
    balance = 0.0
    for number, row in enumerate(table, start=1):
        interest = round(balance * 0.03, 2)
        balance = round(balance + interest + 12 * 250, 2)
        assert row == {"year": number, "interest": interest, "balance": balance}
    assert len(table) == 7
    assert run["output"]["verdict"] == "20000 reached after 7 years."
    assert run["steps"] == [*["earn", "save", "note"] * 7, "done"]
    assert run["usage"]["model_calls"] == 0


def within(run: dict[str, Any], path: str) -> list[str]:
    """The nodes that finished inside of an execution, in their order."""
    return [step.removeprefix(f"{path}/") for step in run["steps"] if step.startswith(f"{path}/")]


@expected
def code_review(run: dict[str, Any]) -> None:
    assert run["steps"] == ["inspect", "fix", "summarise"]
    findings, output = run["state"]["findings"], run["output"]
    paths = ["shop/orders.py", "shop/mail.py"]
    assert [finding["path"] for finding in findings] == [path for path in paths * 2 for _ in range(2)]
    assert len({finding["problem"] for finding in findings}) == 8, "each aspect finds something else in each file"
    serious = [finding for finding in findings if finding["severity"] == "high"]
    assert 0 < len(serious) < len(findings)
    assert len(output["fixes"]) == len(serious), "what is not serious is left out"
    for fix, finding in zip(output["fixes"], serious, strict=True):
        assert f"{finding['path']}, line {finding['line']}: {finding['problem']}" in fix
    assert output["failures"] == []
    assert run["usage"]["model_calls"] == 2 * 2 + len(serious) + 1


@expected
def book_chapters(run: dict[str, Any]) -> None:
    assert (run["steps"][0], run["steps"][-2:]) == ("plan", ["chapters", "bind"])
    assert len(run["steps"]) == 3 + 3 * 3
    assert [within(run, f"chapters[{index}]") for index in range(3)] == [["draft", "critique", "edit"]] * 3
    assert not {"draft", "critique", "text"} & set(run["state"]), "a group keeps its state to itself"
    titles, chapters = run["state"]["titles"], run["state"]["chapters"]
    assert [chapter["title"] for chapter in chapters] == titles
    places = [run["output"]["book"].index(f"{n}. {title}\n\n") for n, title in enumerate(titles, start=1)]
    assert places == sorted(places)
    for chapter in chapters:
        assert chapter["title"] in chapter["text"]
        assert "To give an example" in chapter["text"], "the text is the edited one, not the draft"


@expected
def price_watch(run: dict[str, Any]) -> None:
    steps, output = run["steps"], run["output"]
    assert sorted(steps) == ["advise", "corner", "depot", "market", "note"]
    assert steps[-1] == "advise"
    assert output["offers"] == [
        {"shop": "corner", "price": 36.9},
        {"shop": "market", "price": 27.9},
        {"shop": "depot", "price": 24.5},
    ], "the market was asked again, and yesterday's price stands for the depot's"
    depot, harbour = output["missing"]
    assert depot == "depot: timeout, so its price is from yesterday"
    assert harbour.startswith("harbour: shops:harbour raised LookupError: no price for 'desk lamp', we are closed")
    assert all(known in output["advice"] for known in ("Market: 27.9 EUR", "we are closed", "from yesterday"))
    assert run["duration_s"] < 1.9, "nobody waits for the depot, which takes two seconds"


@expected
def reuse_a_workflow(run: dict[str, Any]) -> None:
    steps = run["steps"]
    assert sorted(steps[:-1]) == [
        "letters", "letters[0]/summarise", "letters[1]/summarise", "minutes", "minutes/summarise", "report",
        "report/summarise",
    ]  # fmt: skip
    assert steps[-1] == "digest"
    assert set(run["state"]) == {"on_report", "on_minutes", "on_letters", "digest"}, "the other keeps its own state"
    lines = run["output"]["digest"].splitlines()
    begun = ["The report. In short: The roof", "The minutes. In short: All owners", "Letter 1. In short: I can't take",
             "Letter 2. In short: The noise"]  # fmt: skip
    assert [line.startswith(start) for line, start in zip(lines, begun, strict=True)] == [True] * 4


@expected
def interview(run: dict[str, Any]) -> None:
    assert run["steps"] == ["prepare", "ask", "ask", "ask", "close", "write_up"]
    questions, answers = run["state"]["questions"], run["state"]["answers"]
    assert len(questions) == 3
    assert all(f'"{question}"' in answer for question, answer in zip(questions, answers, strict=True))
    talk = run["state"]["talk"]
    assert [message["role"] for message in talk] == ["user", "assistant"] * 2
    assert [message["content"] for message in talk[:2]] == [questions[-1], answers[-1]], "the older ones were dropped"
    assert [message["content"] for message in talk[2:]] == [
        "Is there something about keeping bees that you would like to add?",
        run["output"]["last_word"],
    ]
    assert all(answer in run["output"]["article"] for answer in answers)


@expected
def survey_tally(run: dict[str, Any]) -> None:
    assert sorted(run["steps"][:3]) == ["hall", "market", "online"]
    assert run["steps"][3:] == ["themes", "report"]
    output = run["output"]
    assert output["people"] == 10
    assert output["places"] == {"online": 5, "town hall": 3, "market": 2}
    assert output["votes"] == {"yes": 5, "no": 3, "unsure": 2}
    starts = ["At last", "My customers", "Where would", "The shops"]
    assert [text.startswith(start) for text, start in zip(run["state"]["comments"], starts, strict=True)] == [True] * 4
    assert output["themes"] == ["noise", "traffic", "shops"]
    assert all(line in output["report"] for line in ("Yes: 5", "No: 3", "Unsure: 2", "noise, traffic, shops"))


@expected
def good_enough(run: dict[str, Any]) -> None:
    output = run["output"]
    assert run["steps"] == ["write", "rate"] * output["tries"], "nothing to warn of, so the node is skipped"
    assert output["tries"] > 1
    assert output["score"] >= 0.8
    assert output["verdict"] == "Good enough."
    assert "a folding bicycle" in output["text"]


@expected
def expense_approval(run: dict[str, Any]) -> None:
    assert run["steps"] == ["extract", "answer"]
    assert run["state"]["read"]["amount"] == 34.5
    assert run["output"]["decision"] == "approve"
