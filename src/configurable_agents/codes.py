"""Every code that an error or a finding can have, with one line on what it means and how to mend it.

Codes are stable: programs may rely on them. docs/errors.md is made from this table.
"""

from __future__ import annotations

from collections.abc import Mapping

_CALL: Mapping[str, str] = {
    "cancelled": "The run was interrupted, so there is no output. Run it again.",
    "file_exists": "`init` found a file of the template in the directory already and wrote nothing. Name another one.",
    "file_not_found": "There is no such file. Paths in a workflow are relative to the workflow's own directory.",
    "file_unreadable": "The file is there but can't be read. Check its permissions; an input file must be UTF-8 text.",
    "internal": "Configurable Agents itself made a mistake. Please report it.",
    "invalid_input": "A field of the input is unknown, missing or of the wrong type, or the input can't be read. "
    "The message says what is expected.",
    "missing_extra": "This takes a package that is not installed. The hint has the line that installs it.",
    "missing_variable": "A `${NAME}` of the file names an environment variable that is not set. "
    "Set it, or give a default: `${NAME:-default}`.",
    "needs_output": "A picture in SVG or PNG is not printed on a terminal. Name a file by `--output`.",
    "not_a_file": "The path is a directory. Name the workflow's file in it.",
    "not_writable": "A file or a directory can't be written. Check its permissions, or name another one.",
    "plugin_broken": "An installed plugin raises an error when it is loaded. Reinstall or remove its package.",
    "plugin_conflict": "Two installed packages offer a plugin of the same name. Uninstall one of them.",
    "running_loop": "`Workflow.run()` was called in a running event loop. Write `await workflow.arun(...)` there.",
    "unexpected_argument": "What stands after the file is no option. Inputs are given by `--input name=value`.",
    "unknown_format": "The name of the file to write does not say what to draw. Add `--format`.",
    "unknown_kind": "There is no kind of node of this name. `configurable-agents nodes` lists them.",
    "unknown_template": "There is no template of this name. `configurable-agents init --list` lists them.",
}

_YAML: Mapping[str, str] = {
    "complex_key": "A list or a mapping stands where a key should. Keys are text; quote it if it is meant so.",
    "duplicate_key": "A mapping has the same key twice. Remove or rename one.",
    "empty_file": "The file holds nothing. `configurable-agents init` writes one to begin with.",
    "file_too_large": "The file is larger than 1 MB. Move long texts into files of their own; split up those.",
    "not_text": "The file is not text in UTF-8. Save it as such.",
    "null_key": "There is no key before a `:`, or it is YAML's `null`. Write a name, quoted if it must be this word.",
    "second_document": "A line `---` begins a second YAML document. A file holds one workflow: make two files.",
    "text_cut_short": "` #` begins a comment in YAML, so it ends a text that has no quotes. Quote the text.",
    "too_deep": "The file is nested more deeply than is allowed. Name the inner parts under `types` or `files`.",
    "unquoted_template": "A value that starts with `{{` is a mapping to YAML. Quote it.",
    "unquoted_type": 'Inside `{...}`, brackets end a text that has no quotes. Quote the type: `{type: "list[str]"}`.',
    "yaml_alias": "YAML's anchors (`&a`) and aliases (`*a`) are not used. Share by `types`, `files` and `models`.",
    "yaml_colon": "A text without quotes holds `: `, which YAML reads as another key. Quote the text.",
    "yaml_escape": "A backslash in double quotes begins no escape. Double it, or use single quotes.",
    "yaml_indent": "A line is indented unlike the lines it belongs to. Give them the same indentation.",
    "yaml_merge_key": "YAML's merge key `<<` is not used. Write the keys out.",
    "yaml_quote": "A value starts with a quote or a bracket and goes on after it closes. Quote all of it.",
    "yaml_start": "YAML gives the first character of this value a meaning (`@`, `%`, a backtick, `*`, `&`, `!`, `- `). "
    "Quote the value.",
    "yaml_syntax": "The file is no valid YAML at this place. The message has the parser's reason.",
    "yaml_tab": "The indentation holds a tab. YAML is indented with spaces.",
    "yaml_tag": "A value that starts with `!` is a tag to YAML. Quote it.",
    "yaml_unclosed": "A quote, brace or bracket is opened and never closed. Close it.",
}

_SHAPE: Mapping[str, str] = {
    "missing_argument": "A workflow in a node is not given an input that it needs. Add it to `with`.",
    "wrong_argument": "A workflow in a node is given what its input does not take. Mend the name or the value.",
    "bad_name": "This can't be a name: a letter or `_`, then letters, digits or `_`, and not `__` at its start.",
    "missing_key": "A key that must be there is not. Add it.",
    "no_kind": "A node has no key that says what it does, such as `prompt`, `set` or `python`. Add one.",
    "no_nodes": "The workflow has no nodes. Add one under `nodes`.",
    "no_value": "A key has nothing after its `:`. Give it a value, or remove it.",
    "not_a_node": "A node is no mapping. Write its kind as a key: `ask: {prompt: ..., writes: answer}`.",
    "not_a_workflow": "The file is no mapping of keys. It begins with `version: 2`.",
    "reserved_name": "The name has a meaning of its own in the language. Take another.",
    "two_kinds": "A node has the keys of two kinds. Make two nodes of it.",
    "unknown_key": "There is no such key here. The hint names the nearest, or what is written instead.",
    "unknown_version": "The file's `version` is not known. Write `version: 2`.",
    "wrong_shape": "A value is not of the form that its key takes. The message says what it should be.",
}

_FIELDS: Mapping[str, str] = {
    "duplicate_name": "A field of the state has the name of an input. Rename one.",
    "maybe_unset": "A field may be read before anything has written it: some way leads there without (a warning). "
    "Give it a default, declare it `T?`, or read it as `x | default(...)`.",
    "never_written": "A field is read where nothing can have written it. Write it before, give it a default, or "
    "declare it `T?`.",
    "no_fields": "A type under `types` has no fields. Give it one, or use `dict[str, any]` in its place.",
    "no_writes": "The reply of a model goes nowhere. Name a field in `writes`.",
    "parallel_writes": "Two nodes that run in parallel write the same field. Give it a `merge`, or write two fields.",
    "recursive_type": "A type holds itself. Use `any` at one place, or a list of names.",
    "type_syntax": "A type can't be read. Types are written like `list[str]`, `dict[str, int]`, `enum[a, b]`, `int?`.",
    "type_too_large": "A type holds too many others, or too deeply. Use `any`, or a list of names, for a part of it.",
    "unknown_field": "No such field is declared. Declare it under `state`, or mend its name.",
    "unknown_type": "There is no type of this name. Declare it under `types`, or mend its name.",
    "unset_field": "A field was read in a run before any node had written it. Give it a default, declare it `T?`, "
    "or read it as `x | default(...)`.",
    "unused": "Something is declared that nothing uses (advice). Remove it, or use it.",
    "write_type": "A value does not fit the type of the field it is written to. Change the value or the type.",
    "writes_input": "A node writes an input. Inputs never change: declare a field under `state`.",
    "wrong_default": "A default does not fit its field's type. Change one of them.",
    "wrong_merge": "A field's type can't be merged in this way. The message says what type it needs.",
    "wrong_rule": "A word such as `minimum` or `pattern` does not apply to the type, or can't be met. "
    "The message says which types it is for.",
}

_TEXTS: Mapping[str, str] = {
    "braces_in_expression": "`{{ }}` stands where an expression stands bare, as in `when`. Remove the braces.",
    "compare_types": "Two values are compared or added that have nothing in common. Compare values of one kind; "
    "join text with `~`.",
    "condition_type": "Text or a number stands as a condition. Compare it with something: `count > 0`.",
    "enum_value": "A field is compared with a value that its enum does not have. Mend the value or the enum.",
    "filter_arguments": "A filter is given arguments that it does not take, or lacks one. The hint has those it takes.",
    "filter_type": "A filter is applied to a value that it is not for. Read a part of the value, or convert it.",
    "method_call": "A value's method is called, and values have none. Use a filter: `name | upper`.",
    "not_a_list": "`{% for %}` or `for_each` goes over something that is no list. Name a list.",
    "template_error": "A template or an expression failed with the values it met. The message says on what.",
    "template_here": "`{{ }}` stands in a value that is read from the file and the environment only. Use `${NAME}`.",
    "template_syntax": "A template or an expression can't be read. The marker shows where.",
    "unknown_attribute": "A value has no field of this name. Mend the name, or declare the field in its type.",
    "unknown_filter": "There is no filter of this name. docs/language.md lists them.",
    "unknown_name": "A text reads a name that is neither an input nor in the state. Declare it, or mend its name.",
    "unknown_test": "There is no test of this name after `is`. docs/language.md lists them.",
    "wrong_reference": "`${` begins no reference to the environment. Write `${NAME}` or `${NAME:-default}`.",
}

_GRAPH: Mapping[str, str] = {
    "edge_syntax": "An edge can't be read. It is written `a -> b`, or `a -> b & c`.",
    "items_failed": "Every item of a map failed. The message has the first failure.",
    "not_a_map": "A key is there that only a map obeys, or does not. Add `for_each: x in xs`, or remove the key.",
    "endless_cycle": "The edges go round and never lead to END. Make one of them a route that can leave the circle.",
    "no_start": "No edge leaves START. Add `START -> node`.",
    "no_way_out": "No edge leaves a node. Add one; the last leads to END.",
    "route_incomplete": "There are values for which no rule of a route holds, and the run fails then (a warning where "
    "only `max_times` makes it so). Add a rule, or `else`.",
    "shared_branch": "Two branches of a fan-out run the same node before they join. Let them meet at one node.",
    "switch_incomplete": "A switch does not cover every value. Add the cases, or an `else`.",
    "switch_type": "A switch decides by a value that is no enum, bool or int. Declare an enum, or use a route.",
    "two_outgoing": "A node has two outgoing declarations. Join them: `a -> b & c`, or a route.",
    "unbounded_loop": "Only `max_steps` bounds a loop (a warning). Give the rule that leads back a `max_times`.",
    "unknown_case": "A switch has a case for a value that can't occur. Mend its name.",
    "unknown_code": "No error has this code, so nothing is tried again or caught by it. The codes are on this page.",
    "unknown_node": "An edge names a node that is not there. Mend the name, or add the node.",
    "unreachable_node": "No edge leads to a node, so it never runs. Lead one to it, or remove it.",
    "workflow_cycle": "Workflows run each other in a circle. Repeat by a route or by `for_each` instead.",
    "wrong_edge": "An edge leads to START, leaves END, or names a target twice. Remove that end of it.",
    "wrong_loop": "A `for_each` can't be read. It is written `x in xs`, where `xs` is an expression.",
    "wrong_rule_of_route": "A rule of a route lacks its condition or `to`, has too much, or never holds; "
    "or its `else` is not alone and last.",
}

_PYTHON: Mapping[str, str] = {
    "python_error": "A Python function raised an error. The message has it, with file and line: mend it there.",
    "python_import": "A Python module can't be imported, or what is named in it can't be called. Mend the module.",
    "python_missing": "There is no such module, or no such function in it. Modules lie beside the workflow's file.",
    "python_signature": "A function's parameters and what it is given do not match. Add, rename or remove one.",
    "python_syntax": "A Python module can't be parsed. Mend it at the line that the message names.",
}

_MODELS: Mapping[str, str] = {
    "auth": "The provider's key is missing, wrong, or may not use this model. Check the variable that the hint names.",
    "bad_request": "The provider refused the call. Check the model's settings; the message has its reason.",
    "connection": "The provider can't be reached. Check the network and `api_base`; for Ollama, that it runs.",
    "connection_lost": "The connection broke before the model had answered. Try again; the call may have been charged.",
    "content_filter": "The provider's filter stopped the prompt or the reply. Rephrase, or use another model.",
    "context_length": "The prompt is longer than the model takes. Shorten it, or use a model that takes more.",
    "provider_failed": "A provider's plugin raised an error of its own. Report it to the plugin's authors.",
    "quota": "The account at the provider has no credit left. Add some, or use another model.",
    "rate_limit": "The provider limits how fast it is called. Wait, or ask it for a higher limit.",
    "missing_api_key": "The model's provider needs a key, and there is none. Set the variable that the hint names.",
    "reply_invalid": "The model's reply did not fit the fields, even when it was told why. "
    "Say in the prompt what each field holds, use simpler types, or a more capable model.",
    "reply_truncated": "The reply was cut off at its limit of tokens. Raise `max_tokens`, or ask for less.",
    "schema_refused": "The provider refused the schema of the reply. Use simpler types, or another model.",
    "secret_in_file": "A key stands in the file for all to read (a warning). Keep it in the environment: `${NAME}`.",
    "server_error": "The provider failed. Try again later, or use another model.",
    "timeout": "A model did not answer in the time it has, or a node's `timeout` ran out. Raise it, or ask for less.",
    "unknown_model": "There is no such model or provider. Models are written `provider/model`.",
}

_HISTORY: Mapping[str, str] = {
    "ambiguous_run": "A part of an id fits several runs. Write more of it; the hint has those it fits.",
    "database_newer": "A newer version of this program has used the database. Upgrade the program.",
    "database_outdated": "The database lacks tables of this version. Run `configurable-agents db upgrade`.",
    "needs_yes": "What deletes runs or makes results again asks first, and there is nobody to ask. Add `--yes`.",
    "no_history": "There is no history of runs here yet. A run makes one.",
    "nothing_chosen": "A command was not told what to work on. The hint has how to name or choose it.",
    "run_lost": "Another process has taken the run over, so this one has stopped. Look at it by `runs show`.",
    "run_taken": "A run that was to go on is run by another process, or has gone on there. Wait for it.",
    "store_failed": "The database of the history can't be read or written. The message has its reason; mend that, "
    "then go on with the runs that were interrupted.",
    "unknown_event_type": "There is no type of event of this name. Those that there are are told.",
    "unknown_execution": "The run did not execute this node, or not so many times. The nearest that it did is told.",
    "unknown_run": "There is no run of this id. `configurable-agents runs list` lists them.",
    "wrong_setting": "An environment variable of this program has a value that it can't have. Mend or unset it.",
    "wrong_time": "This is no time. Write how long ago (`30m`, `12h`, `2d`, `1w`), or a date (`2026-01-31`).",
    "no_question": "An answer is to no open question. The hint names those that are open.",
    "no_session": "There is no conversation for `--session` to go on with. Declare one: `scope: session`.",
    "not_executed": "The run never came to this node, so it can't be forked there. `runs show` lists those it did.",
    "not_recorded": "A replay came to where the other run had ended. Go on from there by `runs fork` or `runs resume`.",
    "replay_diverged": "A replay asks what the other run did not ask: something outside of the file has changed.",
    "run_ended": "The run has ended; there is nothing to go on with. Run it anew, or fork it.",
    "run_running": "The run is being executed. Wait for it, or cancel it by `runs cancel`.",
    "run_waiting": "The run waits for a person. Answer by `runs resume RUN --answer ...`.",
    "too_late": "The time for an answer is over. Resume the run without one: the node fails with `timeout`.",
    "which_question": "Several questions are open. Say which one is answered: `--answer node=...`.",
}

_RUN: Mapping[str, str] = {
    "failed_by_route": "A route of the workflow itself ended the run, by `{fail: message}`. The message is its own.",
    "max_depth": "Workflows and groups are nested more deeply than `limits` allows. Nest less, or raise `max_depth`.",
    "run_timeout": "A run took longer than the `timeout` of its `limits`. Raise it, or give slow nodes their own.",
    "max_steps": "The run executed as many nodes as it may. Bound its loop by `max_times`, or raise `max_steps`.",
    "no_case": "A switch met a value that it has no case for. Add the case, or an `else`.",
    "no_rule": "No rule of a route held. Add `{else: node}` as the last.",
    "unset_output": "The run ended without writing a field of the output. Declare it `T?`, or write it on every way.",
    "node_error": "A plugin's kind of node raised an error of its own. Report it to the plugin's authors.",
}

# By what they are about, in the order in which a workflow meets them.
GROUPS: Mapping[str, Mapping[str, str]] = {
    "The call and its surroundings": _CALL,
    "The file and its YAML": _YAML,
    "The shape of the file": _SHAPE,
    "Types and fields": _FIELDS,
    "Templates and expressions": _TEXTS,
    "Edges and the graph": _GRAPH,
    "Python functions": _PYTHON,
    "Models": _MODELS,
    "Runs": _RUN,
    "The history of runs": _HISTORY,
}

CODES: Mapping[str, str] = {code: meaning for group in GROUPS.values() for code, meaning in group.items()}
