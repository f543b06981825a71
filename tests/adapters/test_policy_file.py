"""The policy file: what it may say, how mistakes are told, and that the published files agree."""

import json
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.adapters.policy_file import parse_policy, policy_schema, schema_text
from bot.adapters.policy_file.document import MAX_BYTES
from bot.adapters.policy_file.keys import all_keys
from bot.adapters.policy_file.limits import LIMITS
from bot.adapters.policy_file.parse import MAX_PROBLEMS
from bot.domain.policy import OnInconclusive, Policy, PolicyProblem

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ironclaw.yml"
SCHEMA = ROOT / "docs" / "ironclaw.schema.json"


def accepted(text: bytes | str) -> Policy:
    found = parse_policy(text)
    assert isinstance(found, Policy), [str(problem) for problem in found]
    return found


def refused(text: bytes | str) -> tuple[PolicyProblem, ...]:
    found = parse_policy(text)
    assert not isinstance(found, Policy)
    assert found
    for problem in found:
        assert problem.line >= 1
        assert problem.key
        assert problem.problem
        assert problem.remedy
    return found


def only(text: bytes | str) -> PolicyProblem:
    (problem,) = refused(text)
    return problem


class TestAccepted:
    @pytest.mark.parametrize(
        "text", ["", "# nothing\n", "{}", "---\n", "null", "scan:\n", b"\xef\xbb\xbfversion: 1\n"]
    )
    def test_nothing_said_is_the_defaults(self, text: bytes | str) -> None:
        assert accepted(text) == Policy()

    def test_every_type_of_value(self) -> None:
        found = accepted("""
            version: 1
            scan: {enabled: False, paths: ["app/*.py", 'lib/*.py'], max_open: 1_0}
            sandbox: {test_command: "no", timeout_seconds: +60}
            landing: {automatic: true, required_checks: [tests], minimum_confidence: 1}
            watch: {error_threshold: 5e-2, on_inconclusive: revert}
            local:
              checks: {tests: python -m pytest, "on": ruff check}
              deploy: |
                make image
                make deploy
            """.replace("\n            ", "\n"))
        assert found.scan.enabled is False
        assert found.scan.paths == ("app/*.py", "lib/*.py")
        assert found.scan.max_open == 10
        assert found.sandbox.test_command == "no"
        assert found.sandbox.timeout_seconds == 60
        assert found.landing.automatic is True
        assert found.landing.required_checks == ("tests",)
        assert found.landing.minimum_confidence == 1
        assert found.watch.error_threshold == 0.05
        assert found.watch.on_inconclusive is OnInconclusive.REVERT
        assert found.local.checks == {"tests": "python -m pytest", "on": "ruff check"}
        assert found.local.deploy == "make image\nmake deploy\n"

    def test_values_hold_nothing_in_common(self) -> None:
        accepted("local:\n  checks: {a: b}\n")
        assert accepted("").local.checks == {}

    @pytest.mark.parametrize(("key", "limit"), LIMITS.items())
    def test_both_ends_of_a_range(self, key: str, limit: Any) -> None:
        for value in (limit.least, limit.most):
            found: Any = accepted(at(key, value))
            for name in key.split("."):
                found = getattr(found, name)
            assert found == value


def at(key: str, value: object) -> str:
    section, _, name = key.rpartition(".")
    line = f"{name}: {value}"
    return f"{section}:\n  {line}\n" if section else f"{line}\n"


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "line", "key", "problem", "remedy"),
        [
            ("a: 1", 1, "a", "no such key", "Known here: version, scan"),
            ("\nlandng: {}", 2, "landng", "no such key", "Did you mean `landing`?"),
            ("scan:\n  path: []", 2, "scan.path", "no such key", "Did you mean `paths`?"),
            ("max_open: 1", 1, "max_open", "no such key", "Did you mean `scan.max_open`?"),
            ("<<: {version: 1}", 1, "(file)", "no text", "quotes"),
            ("version: 2", 1, "version", "out of range", "Allowed: 1."),
            ("version: 01", 1, "version", "'01' is not a whole number", "whole number"),
            ("version: '1'", 1, "version", "not a whole number", "unquoted"),
            ("version: 1.0", 1, "version", "not a whole number", "whole number"),
            ("version: true", 1, "version", "not a whole number", "whole number"),
            ("version: 1:30", 1, "version", "not a whole number", "whole number"),
            ("version:", 1, "version", "nothing stands here", "remove the line"),
            ("version: [1]", 1, "version", "a list stands where", "Write a whole number"),
            ("version: {}", 1, "version", "a mapping stands where", "Write a whole number"),
            ("version: 1\nversion: 1", 2, "version", "twice", "Keep one"),
            ("scan:\n  enabled: 1", 2, "scan.enabled", "neither true nor false", "true or false"),
            ("scan:\n  enabled: yes", 2, "scan.enabled", "neither true", "true or false"),
            ("scan: []", 1, "scan", "no keys", "key: value"),
            ("[]", 1, "(file)", "no keys", "key: value"),
            ("only text", 1, "(file)", "no keys", "key: value"),
            ("? [a]\n: b", 1, "(file)", "a list stands where", "Write a text"),
            ("'': b", 1, "(file)", "a key is empty", "Name it"),
            ("scan:\n  paths: a.py", 2, "scan.paths", "no list", "[]"),
            ("scan:\n  paths:\n  - 3", 3, "scan.paths", "no text", 'Put it in quotes: "3"'),
            ("scan:\n  paths: ['']", 2, "scan.paths", "an entry is empty", "remove it"),
            ("landing: {hold_label: no}", 1, "landing.hold_label", "no text", '"no"'),
            ('local: {deploy: "a\\0b"}', 1, "local.deploy", "character", "escape"),
            ('local: {deploy: "\\ud800"}', 1, "local.deploy", "character", "escape"),
            ("local:\n  checks: [a]", 2, "local.checks", "no keys", "key: value"),
            ("local:\n  checks: {a: 1}", 2, "local.checks", "no text", "quotes"),
            ("local:\n  checks: {a: b, a: c}", 2, "local.checks.a", "twice", "Keep one"),
            ("watch: {error_threshold: 1.1}", 1, "watch.error_threshold", "range", "0 to 1"),
            ("watch: {error_threshold: .nan}", 1, "watch.error_threshold", "number", "number"),
            ("watch: {error_threshold: .inf}", 1, "watch.error_threshold", "number", "number"),
            ("watch: {duration_seconds: 0}", 1, "watch.duration_seconds", "range", "1 to"),
            ("watch: {duration_seconds: -5}", 1, "watch.duration_seconds", "range", "1 to"),
            ("watch: {on_inconclusive: maybe}", 1, "watch.on_inconclusive", "unknown", "hold"),
            ("a: &x 1\nb: *x", 2, "(file)", "alias *x", "Write it out"),
            ("version: !!int 1", 1, "(file)", "the tag", "Remove"),
            ("version: !!python/object:os.system x", 1, "(file)", "the tag", "Remove"),
            ("version: 1\n---\nversion: 1", 2, "(file)", "second document", "Keep one"),
            ("[[[[[[[[[[]]]]]]]]]]", 1, "(file)", "nested too deeply", "example"),
            ("version: 1\n  bad: [", 2, "(file)", "mapping values", "YAML"),
            ("\n\n\tversion: 1", 3, "(file)", "cannot start any token", "YAML"),
            ("scan: {", 1, "(file)", "expected", "YAML"),
            ("version: 1\n\x07", 2, "(file)", "character", "YAML"),
            ('version: "\\UFFFFFFFF"', 1, "(file)", "no YAML", "YAML"),
            (b"version: 1\n\xff\xfe", 2, "(file)", "not UTF-8", "UTF-8"),
            ("#" * (MAX_BYTES + 1), 1, "(file)", "larger than", "Shorten"),
        ],
    )
    def test_one_mistake_is_told_with_its_place_and_remedy(
        self, text: bytes | str, line: int, key: str, problem: str, remedy: str
    ) -> None:
        found = only(text)
        assert (found.line, found.key) == (line, key)
        assert problem in found.problem
        assert remedy in found.remedy

    def test_all_mistakes_are_told_at_once_in_their_order(self) -> None:
        found = refused("watch: {error_threshold: 2}\nscan:\n  max_open: many\n  pats: []\n")
        assert [(one.line, one.key) for one in found] == [
            (1, "watch.error_threshold"),
            (3, "scan.max_open"),
            (4, "scan.pats"),
        ]

    @pytest.mark.parametrize(("key", "limit"), LIMITS.items())
    def test_beyond_either_end_of_a_range(self, key: str, limit: Any) -> None:
        for value in (limit.least - 1, limit.most + 1):
            found = only(at(key, value))
            assert found.key == key
            assert "out of range" in found.problem

    def test_a_problem_reads_as_a_place_in_the_file(self) -> None:
        assert str(only("version: 2")) == (
            ".github/ironclaw.yml:1: version: 2 is out of range. Allowed: 1."
        )


_PIECES = (
    *("version", "scan", "paths", ": ", "\n", "  ", "- ", "[", "]", "{", "}", "&a", "*a"),
    *("!!int ", "!x ", "<<", "1", "true", "no", "0x1", ".inf", "2001-99-99", "'", '"'),
    *("| ", "> ", "? ", "#", "---\n", "...\n", "%YAML 1.1\n", ",", "\\ud800", "\0"),
)


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        [
            "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n",
            "[" * 60_000,
            "{" * 60_000,
            "- " * 30_000,
            "? " * 30_000,
            "a: " * 20_000,
            "version: " + "1" * 60_000,
            "watch: {error_threshold: 1e" + "9" * 60_000 + "}",
            "".join(f"k{number}: 1\n" for number in range(7_000)),
            "scan: {paths: [" + "1," * 20_000 + "]}",
            "%YAML " + "1" * 5_000 + ".1\n--- a\n",
            "!" * 60_000,
            '"' + "\\x" * 20_000,
        ],
    )
    def test_bombs_are_refused(self, text: str) -> None:
        assert len(refused(text)) <= MAX_PROBLEMS

    @given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
    def test_no_input_raises(self, text: bytes | str) -> None:
        assert isinstance(parse_policy(text), Policy | tuple)

    @given(
        st.lists(
            st.sampled_from(_PIECES),
            max_size=40,
        ).map("".join)
    )
    def test_nothing_that_looks_like_yaml_raises(self, text: str) -> None:
        assert isinstance(parse_policy(text), Policy | tuple)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
            lambda inner: st.lists(inner, max_size=3)
            | st.dictionaries(
                st.text() | st.sampled_from([key.name for key in all_keys()]), inner, max_size=4
            ),
            max_leaves=12,
        )
    )
    def test_no_document_raises(self, document: Any) -> None:
        text = yaml.safe_dump(document, allow_unicode=True)
        assert isinstance(parse_policy(text), Policy | tuple)
        assert isinstance(parse_policy(yaml.safe_dump({"scan": document})), Policy | tuple)


def test_an_experiment_without_arms_is_told_where_it_stands() -> None:
    problem = only("experiment:\n  name: short\n  first: calls=1\n  second: model=x\n")
    assert (problem.line, problem.key) == (2, "experiment")
    assert "'model=x' is no arm" in problem.problem


class TestAgreement:
    def test_the_example_is_the_defaults(self) -> None:
        assert accepted(EXAMPLE.read_bytes()) == Policy()

    def test_the_example_has_every_key_and_no_other(self) -> None:
        document = yaml.safe_load(EXAMPLE.read_text())
        written = [
            f"{section}.{name}" if isinstance(entries, dict) else section
            for section, entries in document.items()
            for name in (entries if isinstance(entries, dict) else [""])
        ]
        assert written == [key.path for key in all_keys()]
        assert set(written) == set(fields_below(Policy))

    def test_every_key_of_the_example_has_its_comment(self) -> None:
        lines = EXAMPLE.read_text().splitlines()
        for key in all_keys():
            place = next(
                n for n, line in enumerate(lines) if line.strip().startswith(f"{key.name}:")
            )
            comment = lines[place - 1].strip()
            assert comment.startswith("# " + key.about.rstrip("."))

    def test_every_key_is_described(self) -> None:
        assert all(key.about for key in all_keys())

    def test_every_number_has_a_range_that_holds_its_default(self) -> None:
        numbers = {key.path: key.default for key in all_keys() if key.kind in (int, float)}
        assert numbers.keys() == LIMITS.keys()
        for path, default in numbers.items():
            assert LIMITS[path].least <= default <= LIMITS[path].most

    def test_the_published_schema_is_current(self) -> None:
        assert SCHEMA.read_text() == schema_text(), "run `make docs`"

    def test_the_schema_accepts_the_example(self) -> None:
        assert violations(yaml.safe_load(EXAMPLE.read_text()), json.loads(SCHEMA.read_text())) == []

    @pytest.mark.parametrize(
        "text",
        [
            "version: 2",
            "scan: {enabled: 1}",
            "scan: {paths: ['']}",
            "scan: {pats: []}",
            "watch: {error_threshold: 1.5}",
            "watch: {on_inconclusive: maybe}",
            "local: {checks: {a: 1}}",
        ],
    )
    def test_the_schema_refuses_what_the_parser_refuses(self, text: str) -> None:
        refused(text)
        assert violations(yaml.safe_load(text), policy_schema())


def fields_below(kind: type, prefix: str = "") -> list[str]:
    """The dotted names of every value, by way of the instances and not of the annotations."""
    assert is_dataclass(kind)
    default = kind()
    found = []
    for part in fields(kind):
        value = getattr(default, part.name)
        if is_dataclass(value):
            found += fields_below(type(value), f"{prefix}{part.name}.")
        else:
            found.append(prefix + part.name)
    return found


_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}


def violations(value: Any, schema: dict[str, Any], path: str = "") -> list[str]:
    """What of JSON Schema our schema uses, checked the slow and obvious way."""
    words = {"$schema", "title", "description", "default", "type", "properties", "enum", "items"}
    words |= {"additionalProperties", "minimum", "maximum", "pattern"}
    assert schema.keys() <= words
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(_is(value, kind) for kind in kinds):
        return [f"{path}: not {kinds}"]
    found = []
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: not in {schema['enum']}")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if number and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
        found.append(f"{path}: out of range")
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        found.append(f"{path}: pattern")
    for place, item in enumerate(value if isinstance(value, list) else []):
        found += violations(item, schema["items"], f"{path}[{place}]")
    for key, inner in (value if isinstance(value, dict) else {}).items():
        further = schema.get("properties", {}).get(key, schema["additionalProperties"])
        if further is False:
            found.append(f"{path}.{key}: unknown")
        else:
            found += violations(inner, further, f"{path}.{key}")
    return found


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
