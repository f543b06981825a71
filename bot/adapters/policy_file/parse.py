"""Turns the file's tree into a Policy, or into everything that is wrong with it."""

from difflib import get_close_matches
from typing import Any, TypeVar

import yaml

from bot.adapters.policy_file.document import WHOLE_FILE, BadDocument, read_document
from bot.adapters.policy_file.keys import Key, all_keys, is_section, keys
from bot.adapters.policy_file.limits import LIMITS
from bot.adapters.policy_file.scalars import Wrong, is_null, read_scalar
from bot.domain.experimenting import problem_of
from bot.domain.policy import ExperimentPolicy, Policy, PolicyProblem

Section = TypeVar("Section")
MAX_PROBLEMS = 50
"""No person reads more at once, and looking for what was meant takes its time."""


def parse_policy(text: bytes | str) -> Policy | tuple[PolicyProblem, ...]:
    """The policy, or its problems in the order of their lines; never raises.

    Keys that are left out have their defaults; an empty file is the policy of all defaults.
    """
    root = read_document(text)
    if isinstance(root, BadDocument):
        return (PolicyProblem(root.line, WHOLE_FILE, root.problem, root.remedy),)
    if root is None:
        return Policy()
    reader = _Reader()
    found = reader.section(root, Policy, "")
    if reader.problems:
        return tuple(sorted(reader.problems, key=lambda problem: problem.line))
    return found


class _Reader:
    """Walks the tree and collects problems; where there is one it goes on with the default."""

    def __init__(self) -> None:
        self.problems: list[PolicyProblem] = []

    def section(self, node: yaml.Node, kind: type[Section], prefix: str) -> Section:
        """The dataclass `kind` from a mapping; nothing there means all defaults."""
        values: dict[str, Any] = {}
        if is_null(node):
            return kind()
        known = keys(kind, prefix)
        for name, value in self._entries(node, prefix).items():
            if name in known:
                values[name] = self._value(value, known[name])
            else:
                self._unknown(value, name, prefix, known)
        found = kind(**values)
        why = problem_of(found) if isinstance(found, ExperimentPolicy) else ""
        if why:
            self._add(node, prefix.rstrip("."), why, "Mend it, or leave `name` empty.")
        return found

    def _entries(self, node: yaml.Node, prefix: str) -> dict[str, yaml.Node]:
        """The nodes of a mapping by key, each key once."""
        if not isinstance(node, yaml.MappingNode):
            self._add(node, prefix.rstrip("."), "no keys stand here", "Write `key: value` lines.")
            return {}
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = read_scalar(key, str)
            if isinstance(name, Wrong) or not name:
                shown = name if isinstance(name, Wrong) else Wrong("a key is empty", "Name it.")
                self._add(key, prefix.rstrip("."), shown.problem, shown.remedy)
            elif name in found:
                self._add(key, prefix + name, "it stands there twice", "Keep one of them.")
            else:
                # A value that is left out has no place of its own.
                value.start_mark = key.start_mark if is_null(value) else value.start_mark
                found[name] = value
        return found

    def _value(self, node: yaml.Node, key: Key) -> Any:
        if is_section(key.kind):
            return self.section(node, key.kind, f"{key.path}.")
        if key.kind == tuple[str, ...]:
            return self._list(node, key)
        if key.kind == dict[str, str]:
            return self._mapping(node, key)
        value = read_scalar(node, key.kind)
        if isinstance(value, Wrong):
            return self._default(node, key, value.problem, value.remedy)
        limit = LIMITS.get(key.path)
        if limit and not limit.least <= value <= limit.most:
            return self._default(node, key, f"{value} is out of range", f"Allowed: {limit}.")
        return value

    def _list(self, node: yaml.Node, key: Key) -> Any:
        if not isinstance(node, yaml.SequenceNode):
            return self._default(node, key, "no list stands here", 'Write ["one", "two"] or [].')
        return tuple(self._texts(node.value, key))

    def _mapping(self, node: yaml.Node, key: Key) -> Any:
        if is_null(node):
            return key.default
        entries = self._entries(node, f"{key.path}.")
        return dict(zip(entries, self._texts(list(entries.values()), key), strict=True))

    def _texts(self, nodes: list[yaml.Node], key: Key) -> list[str]:
        found = []
        for node in nodes:
            text = read_scalar(node, str)
            if isinstance(text, Wrong):
                text = self._default(node, key, text.problem, text.remedy)
            elif not text.strip():
                self._add(node, key.path, "an entry is empty", "Fill it in or remove it.")
            found.append(text)
        return found

    def _unknown(self, node: yaml.Node, name: str, prefix: str, known: dict[str, Key]) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            return
        elsewhere = [key.path for key in all_keys() if key.name == name]
        near = get_close_matches(name, known, n=1) or elsewhere
        others = "Known here: " + ", ".join(known) + "."
        remedy = f"Did you mean `{near[0]}`?" if near else others
        self._add(node, prefix + name, "there is no such key", remedy)

    def _default(self, node: yaml.Node, key: Key, problem: str, remedy: str) -> Any:
        self._add(node, key.path, problem, remedy)
        return key.default

    def _add(self, node: yaml.Node, key: str, problem: str, remedy: str) -> None:
        if len(self.problems) >= MAX_PROBLEMS:
            return
        line = node.start_mark.line + 1
        self.problems.append(PolicyProblem(line, key or WHOLE_FILE, problem, remedy))
