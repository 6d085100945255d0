"""Workflows as data that a schema has to accept, and with one mistake each, to refuse."""

from __future__ import annotations

from typing import Any


def workflow(**sections: Any) -> dict[str, Any]:
    """A right workflow, with these sections in place of its own."""
    return {
        "version": 2,
        "name": "support",
        "models": {"main": {"model": "openai/gpt-5-mini", "timeout": "60s"}},
        "types": {"Order": {"id": "int", "note": "str?"}},
        "input": {"topic": "str", "orders": {"type": "list[Order]", "default": []}},
        "state": {"text": "str", "seen": {"type": "list[str]", "merge": "append"}, "errors": "list[ItemError]"},
        "nodes": {"ask": {"prompt": "About {{ topic }}", "writes": "text"}},
        **sections,
    }


def node(**keys: Any) -> dict[str, Any]:
    """A workflow whose node has these keys beside its prompt; None takes one away."""
    merged = {"prompt": "About {{ topic }}", "writes": "text", **keys}
    return workflow(nodes={"ask": {key: value for key, value in merged.items() if value is not None}})


def a_map(**keys: Any) -> dict[str, Any]:
    return node(for_each="order in orders", writes="seen", **keys)


def field(**keys: Any) -> dict[str, Any]:
    return workflow(state={"text": "str", "it": keys})


def route(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"from": "ask", "route": list(rules), **more}


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return workflow(edges=["START -> ask", route(*given)])


def edges(*given: Any) -> dict[str, Any]:
    two = {"ask": {"prompt": "x", "writes": "text"}, "tell": {"set": {"text": "x"}}}
    return workflow(nodes=two, edges=list(given))


def switch(**keys: Any) -> dict[str, Any]:
    found = {"from": "ask", "switch": "topic == 'a'", "cases": {"true": "END"}, "else": "END", **keys}
    return workflow(edges=["START -> ask", {key: value for key, value in found.items() if value is not None}])


def group(**keys: Any) -> dict[str, Any]:
    inner = {"nodes": {"inner": {"set": {"n": 1}}}, "state": {"n": "int"}, "output": ["n"]}
    return workflow(nodes={"sub": {**inner, **keys}})


ELSE = {"else": "END"}

RIGHT: dict[str, dict[str, Any]] = {
    "as it is": workflow(),
    "a map": a_map(concurrency=3, flatten=False, on_item_error={"collect": "errors"}),
    "a group": group(),
    "white space in a type": field(type=" dict[ str , list[ Order ? ] ? ]\n"),
    "a deep type": field(type="list[" * 12 + "int" + "]" * 12),
    "an enum with odd values": field(type="enum[a b, 3, é-]"),
    "a name that types has": workflow(types={"list": {"a": "int"}, "Order": {"id": "list"}}),
    "a default of null": field(type="str?", default=None),
    "rules on T?": field(type="int?", minimum=1, maximum=5),
    "rules on messages": field(type="messages", minItems=0),
    "add, to what may be null": field(type="float?", merge="add"),
    "append, to any": field(type="any", merge="append"),
    "keep": field(type="messages", keep={"tokens": 10}),
    "keep, merged so": field(type="messages?", merge="messages", keep={"last": 10}),
    "edges without spaces": edges("START->ask->tell->END"),
    "edges with many": workflow(
        nodes={"a": {"set": {"text": "x"}}, "b": {"set": {"seen": "x"}}, "c": {"set": {"errors": []}}},
        edges=[" START  ->\ta& b ", "a & b -> c\n", "c->END"],
    ),
    "a route from several": edges(
        "START -> ask -> tell", {"from": ["tell"], "route": [{"when": True, "to": "END"}, ELSE]}
    ),
    "a start by a switch": edges(
        {"from": "START", "switch": "topic == 'x'", "cases": {"true": "ask", "false": "tell"}}, "ask & tell -> END"
    ),
    "an expression that is a bool": node(when=True),
    "loops": node(for_each=["o in orders", "i in range(3)"], writes="seen"),
    "the environment": workflow(
        models={"m": {"model": "a/b", "api_key": "${KEY}", "headers": {"x": "$5 ${A:-b c} ${AÉ}"}}}
    ),
    "a function": workflow(nodes={"f": {"python": "math:sqrt", "with": {"x": 4}}}),
    "a model of a provider": node(model="openai/gpt-5"),
    "tries": node(retry={"attempts": 3, "for": ["timeout", "any"]}, timeout="0.5m"),
}

WRONG: dict[str, dict[str, Any]] = {
    "no mapping": [],  # type: ignore[dict-item]
    "no version": {key: value for key, value in workflow().items() if key != "version"},
    "another version": workflow(version=1),
    "a version in quotes": workflow(version="2"),
    "no name": {key: value for key, value in workflow().items() if key != "name"},
    "a name with a space": workflow(name="my flow"),
    "a name with a new line": workflow(name="flow\n"),
    "a name that is a number": workflow(name=5),
    "a reserved name": workflow(name="START"),
    "a name that begins with __": workflow(name="__x"),
    "a key misspelled, at the top": workflow(outputs=["text"]),
    "a key misspelled, in a model": workflow(models={"m": {"model": "a/b", "temprature": 1}}),
    "a key misspelled, in a field": field(type="str", minlength=1),
    "a key misspelled, in a node": node(wirtes="text"),
    "a key misspelled, in retry": node(retry={"attempts": 1, "backof": "1s"}),
    "a key misspelled, in a route": workflow(edges=["START -> ask", route(ELSE, rules=[])]),
    "a key misspelled, in a rule": rules({"when": "true", "goto": "END"}, ELSE),
    "a key misspelled, in a switch": switch(default="END"),
    "a key misspelled, in limits": workflow(limits={"max_step": 3}),
    "a key misspelled, in defaults": workflow(defaults={"llm": {"modle": "demo"}}),
    "a key misspelled, in a message": node(prompt=None, messages=[{"role": "user", "content": "x", "nam": "y"}]),
    "a key misspelled, in a group": group(states={}),
    "a key misspelled, in a node of a group": group(nodes={"inner": {"set": {"n": 1}, "wirtes": "n"}}),
    "a key without a value": node(when=""),
    "null for a key": workflow(description=None),
    "no nodes": workflow(nodes={}),
    "no nodes in a group": group(nodes={}),
    "a node that is a text": workflow(nodes={"ask": "hi"}),
    "a node of no kind": node(prompt=None),
    "a node of two kinds": node(set={"text": "x"}),
    "a node's name with a dash": workflow(nodes={"ask-it": {"set": {"text": "x"}}}),
    "a node's reserved name": workflow(nodes={"END": {"set": {"text": "x"}}}),
    "a prompt that is a list": node(prompt=["x"]),
    "a prompt without writes": node(writes=None),
    "a prompt that writes nothing": node(writes=[]),
    "a field written twice": node(writes=["text", "text"]),
    "braces in writes": node(writes="{{ text }}"),
    "a file of a prompt without its key": node(prompt={"path": "x.md"}),
    "a file of a prompt by a template": node(prompt={"file": "{{ topic }}.md"}),
    "a role there is not": node(prompt=None, messages=[{"role": "bot", "content": "x"}]),
    "no messages": node(prompt=None, messages=[]),
    "a temperature too high": node(temperature=3),
    "a temperature in quotes": node(temperature="0.5"),
    "no tokens": node(max_tokens=0),
    "a model with a space": node(model="my model"),
    "a type of the reply that is none": node(returns="list[str"),
    "a conversation in braces": node(conversation="{{ talk }}"),
    "braces in a condition": node(when="{{ topic }}"),
    "a condition that is a list": node(when=["topic"]),
    "a duration without its unit": node(timeout="30"),
    "a duration that is a number": node(timeout=30),
    "a duration of days": node(timeout="2d"),
    "a duration below nothing": node(timeout="-5s"),
    "a duration with a new line": node(timeout="5s\n"),
    "no attempts": node(retry={"attempts": 0}),
    "attempts in quotes": node(retry={"attempts": "3"}),
    "retry without attempts": node(retry={"backoff": "1s"}),
    "retry that is a number": node(retry=3),
    "retry for a code there is not": node(retry={"attempts": 2, "for": ["ValueError"]}),
    "retry for nothing": node(retry={"attempts": 2, "for": []}),
    "another word for failures": node(on_error="ignore"),
    "nothing set after a failure": node(on_error={"set": {}}),
    "another word for items": a_map(on_item_error="ignore"),
    "items at once, without a map": node(concurrency=3),
    "joined lists, without a map": node(flatten=True),
    "items that fail, without a map": node(on_item_error="skip"),
    "too many items at once": a_map(concurrency=100_000),
    "items at once that are half": a_map(concurrency=1.5),
    "a loop without in": node(for_each="orders", writes="seen"),
    "a loop with an arrow": node(for_each="o -> orders", writes="seen"),
    "a loop's reserved name": node(for_each="item in orders", writes="seen"),
    "two loops in one text": node(for_each="a in orders, b in orders", writes="seen"),
    "braces in a loop": node(for_each="o in {{ orders }}", writes="seen"),
    "no loop": node(for_each=[], writes="seen"),
    "a set of nothing": workflow(nodes={"ask": {"set": {}}}),
    "a set of a name that is none": workflow(nodes={"ask": {"set": {"my text": 1}}}),
    "a function without its module": workflow(nodes={"f": {"python": "sqrt"}}),
    "a function with a path": workflow(nodes={"f": {"python": "lib/math.py:sqrt"}}),
    "a function that is called": workflow(nodes={"f": {"python": "math:sqrt()"}}),
    "a workflow by a template": workflow(nodes={"w": {"workflow": "{{ topic }}.yaml"}}),
    "a type never closed": field(type="list[str"),
    "a dict of other keys": field(type="dict[int, str]"),
    "a type with a parameter": field(type="set[str]"),
    "an enum of nothing": field(type="enum[]"),
    "an enum with a gap": field(type="enum[a, , b]"),
    "a type of two": field(type="int | str"),
    "a type with too much after it": workflow(state={"text": "str str"}),
    "a field without its type": field(description="x"),
    "a type that is a list": field(type=["str"]),
    "an object without fields": workflow(types={"Order": {}}, input={"topic": "str"}),
    "an object called as a type is": workflow(types={"messages": {"a": "int"}}, input={"topic": "str"}),
    "an object's field with a dash": workflow(types={"Order": {"my-id": "int"}}),
    "a length of a number": field(type="int", minLength=1),
    "a minimum of a text": field(type="str?", minimum=1),
    "a number of items of a dict": field(type="dict[str, int]", maxItems=2),
    "a length below nothing": field(type="str", minLength=-1),
    "a length in quotes": field(type="str", minLength="1"),
    "a default of another type": field(type="int", default="one"),
    "a default that is no list": field(type="list[str]", default="one"),
    "a default that is no object": field(type="dict[str, any]", default=[1]),
    "another word for merging": field(type="list[str]", merge="concat"),
    "append, to a text": field(type="str", merge="append"),
    "update, of a list": field(type="list[str]", merge="update"),
    "add, of texts": field(type="str", merge="add"),
    "messages, of a list": field(type="list[str]", merge="messages"),
    "merging by a name alone": field(type="list[str]", merge={"python": "join"}),
    "keep both": field(type="messages", keep={"last": 1, "tokens": 1}),
    "keep nothing": field(type="messages", keep={}),
    "keep none": field(type="messages", keep={"last": 0}),
    "keep of a list": field(type="list[str]", keep={"last": 1}),
    "keep, merged otherwise": field(type="messages", merge="replace", keep={"last": 1}),
    "merging an input": workflow(input={"topic": {"type": "list[str]", "merge": "append"}}),
    "a model that is a text": workflow(models={"main": "openai/gpt-5"}),
    "a model without its name": workflow(models={"main": {"temperature": 1}}),
    "a key with a broken reference": workflow(models={"m": {"model": "a/b", "api_key": "${KEY"}}),
    "a key with a template": workflow(models={"m": {"model": "a/b", "api_key": "{{ key }}"}}),
    "a model by default that is none": workflow(defaults={"llm": {"model": "my model"}}),
    "no steps": workflow(limits={"max_steps": 0}),
    "too deep": workflow(limits={"max_depth": 51}),
    "edges that are a text": workflow(edges="START -> ask -> END"),
    "no edges": edges(),
    "no edge from START": edges("ask -> tell -> END"),
    "an edge to nowhere": edges("START -> ask ->", "tell -> END"),
    "a node alone": edges("START -> ask", "tell"),
    "another arrow": edges("START --> ask", "ask -> tell -> END"),
    "a comma": edges("START -> ask, tell", "ask & tell -> END"),
    "START in the middle": edges("START -> ask", "ask -> START -> tell -> END"),
    "END as a branch": edges("START -> ask & END", "ask -> tell -> END"),
    "an edge from END": edges("START -> ask -> END -> tell", "tell -> END"),
    "a target that is a chain": rules({"when": "true", "to": "ask -> END"}, ELSE),
    "a route without rules": rules(),
    "a route from nowhere": workflow(edges=["START -> ask", {"route": [ELSE]}]),
    "a rule without to": rules({"when": "true"}, ELSE),
    "a rule without a condition": rules({"to": "END"}, ELSE),
    "a rule of both": rules({"when": "true", "on_error": "any", "to": "END"}, ELSE),
    "else with a condition": rules({"when": "true", "else": "END"}),
    "else with to": rules({"when": "true", "to": "END", "else": "ask"}),
    "else counted": rules({"else": "END", "max_times": 1}),
    "a rule taken never": rules({"when": "true", "to": "END", "max_times": 0}, ELSE),
    "a code there is not": rules({"on_error": "TimeoutError", "to": "END"}, ELSE),
    "failures alone": rules({"on_error": "any", "to": "END"}),
    "a message that is empty": rules({"else": {"fail": ""}}),
    "a switch without cases": switch(cases=None),
    "a switch of no cases": switch(cases={}),
    "a case that leads nowhere": switch(cases={"true": ""}),
    "braces in a switch": switch(switch="{{ topic }}"),
    "a route and a switch": switch(route=[ELSE]),
    "an output of a name that is none": workflow(output=["the text"]),
    "an output with braces": workflow(output={"answer": "{{ text }}"}),
}
