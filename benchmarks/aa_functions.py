"""Real functions of the standard library and of installed packages, each with a real input.

`imports` is what the call needs, `call` the call with `value`, and `value` an expression that makes
its input from the texts and rows of `INPUTS`. An input takes some 0.1 to 10 ms.
"""

from dataclasses import dataclass

INPUTS = """
import random

_draw = random.Random(5)
_parts = ["al", "be", "cor", "du", "en", "fi", "gra", "ho", "in", "ja", "ku", "lo", "mer", "no"]
WORDS = ["".join(_draw.choices(_parts, k=_draw.randint(1, 4))) for _ in range(900)]
TEXT = ". ".join(" ".join(WORDS[i : i + 12]).capitalize() for i in range(0, 880, 12))
ROWS = [
    {"id": i, "name": WORDS[i], "score": _draw.random(), "tags": WORDS[i : i + 3], "none": None}
    for i in range(120)
]
PIECES = [
    f"def {WORDS[i]}_{i}(one_{WORDS[i + 1]}, other={i}):\\n"
    f"    total = [one_{WORDS[i + 1]} + n for n in range(other) if n % 3]\\n"
    f"    return sum(total) or {{'{WORDS[i]}': other, 'more': (1, 2.5, other)}}\\n\\n\\n"
    for i in range(25)
]
CODE = "".join(PIECES)
"""


@dataclass(frozen=True, slots=True)
class Function:
    """One function and its input."""

    name: str
    imports: str
    call: str
    value: str


def _one(name: str, imports: str, call: str, value: str) -> Function:
    return Function(name, imports, call, value)


FUNCTIONS = (
    _one("textwrap.wrap", "import textwrap", "textwrap.wrap(value, 60)", "TEXT"),
    _one(
        "textwrap.dedent",
        "import textwrap",
        "textwrap.dedent(value)",
        "CODE.replace('\\n', '\\n  ')",
    ),
    _one("textwrap.indent", "import textwrap", "textwrap.indent(value, '> ')", "CODE * 4"),
    _one(
        "difflib.SequenceMatcher",
        "import difflib",
        "difflib.SequenceMatcher(None, *value).ratio()",
        "(TEXT[:400], TEXT[100:600])",
    ),
    _one(
        "difflib.unified_diff",
        "import difflib",
        "list(difflib.unified_diff(*value))",
        "(CODE.splitlines()[:40], CODE.replace('total', 'sum_').splitlines()[:40])",
    ),
    _one(
        "difflib.get_close_matches",
        "import difflib",
        "difflib.get_close_matches('corfi', value)",
        "WORDS[:120]",
    ),
    _one("html.escape", "import html", "html.escape(value)", "TEXT * 20"),
    _one(
        "html.unescape", "import html", "html.unescape(value)", "'&lt;b&gt; &amp; &eacute; ' * 200"
    ),
    _one(
        "html.parser",
        "from html.parser import HTMLParser",
        "HTMLParser().feed(value)",
        "''.join(f'<li class=\"x\"><a href=\"/{w}\">{w}</a>' for w in WORDS[:60])",
    ),
    _one("shlex.split", "import shlex", "shlex.split(value)", "' '.join(WORDS[:150])"),
    _one(
        "statistics.mean",
        "import statistics",
        "statistics.mean(value)",
        "[row['score'] for row in ROWS] * 4",
    ),
    _one(
        "statistics.stdev",
        "import statistics",
        "statistics.stdev(value)",
        "[row['score'] for row in ROWS]",
    ),
    _one(
        "statistics.quantiles",
        "import statistics",
        "statistics.quantiles(value, n=100)",
        "[row['score'] for row in ROWS] * 10",
    ),
    _one(
        "statistics.linear_regression",
        "import statistics",
        "statistics.linear_regression(*value)",
        "([row['id'] for row in ROWS] * 5, [row['score'] for row in ROWS] * 5)",
    ),
    _one(
        "fractions.Fraction",
        "from fractions import Fraction",
        "sum((Fraction(a, 7 + a % 13) for a in value), Fraction())",
        "list(range(200))",
    ),
    _one(
        "heapq.merge",
        "import heapq",
        "list(heapq.merge(*value))",
        "[sorted(range(i, 600, 7)) for i in range(6)]",
    ),
    _one("heapq.nsmallest", "import heapq", "heapq.nsmallest(20, value, key=len)", "WORDS * 3"),
    _one(
        "urllib.parse.quote",
        "from urllib.parse import quote",
        "[quote(each) for each in value]",
        "[w + ' &/' + w for w in WORDS[:200]]",
    ),
    _one(
        "urllib.parse.parse_qsl",
        "from urllib.parse import parse_qsl",
        "parse_qsl(value)",
        "'&'.join(f'{w}=%20{w}' for w in WORDS[:150])",
    ),
    _one(
        "urllib.parse.urlencode",
        "from urllib.parse import urlencode",
        "urlencode(value)",
        "[(w, w + ' ') for w in WORDS[:200]]",
    ),
    _one(
        "urllib.parse.urljoin",
        "from urllib.parse import urljoin",
        "[urljoin('http://a.example/b/c/d', each) for each in value]",
        "['../' + w for w in WORDS[:80]]",
    ),
    _one("json.dumps indented", "import json", "json.dumps(value, indent=2)", "ROWS[:60]"),
    _one("json.dumps", "import json", "json.dumps(value)", "ROWS * 4"),
    _one("json.loads", "import json", "json.loads(value)", "__import__('json').dumps(ROWS * 4)"),
    _one(
        "tokenize",
        "import io, tokenize",
        "list(tokenize.generate_tokens(io.StringIO(value).readline))",
        "''.join(PIECES[:10])",
    ),
    _one("ast.unparse", "import ast", "ast.unparse(ast.parse(value))", "''.join(PIECES[:10])"),
    _one("ast.dump", "import ast", "ast.dump(ast.parse(value))", "''.join(PIECES[:10])"),
    _one("ast.walk", "import ast", "sum(1 for _ in ast.walk(ast.parse(value)))", "CODE"),
    _one(
        "configparser",
        "import configparser",
        "configparser.ConfigParser().read_string(value)",
        "'\\n'.join(f'[{w}{i}]\\na = {w}\\nb: 2' for i, w in enumerate(WORDS[:60]))",
    ),
    _one(
        "email.message_from_string",
        "import email",
        "email.message_from_string(value).items()",
        "''.join(f'X-{w}-{i}: {w}\\n' for i, w in enumerate(WORDS[:100])) + '\\nbody'",
    ),
    _one(
        "email.utils",
        "from email.utils import parseaddr",
        "[parseaddr(each) for each in value]",
        "[f'{w} <{w}@example.org>' for w in WORDS[:40]]",
    ),
    _one(
        "csv.DictReader",
        "import csv",
        "list(csv.DictReader(value))",
        "['a,b,c'] + [f'{w},{w},3' for w in WORDS]",
    ),
    _one(
        "calendar.formatyear",
        "import calendar",
        "calendar.TextCalendar().formatyear(value)",
        "2026",
    ),
    _one("copy.deepcopy", "import copy", "copy.deepcopy(value)", "ROWS[:60]"),
    _one("pprint.pformat", "import pprint", "pprint.pformat(value)", "ROWS[:12]"),
    _one(
        "ipaddress.ip_address",
        "import ipaddress",
        "[ipaddress.ip_address(each) for each in value]",
        "[f'10.{i}.{i // 2}.7' for i in range(200)]",
    ),
    _one(
        "ipaddress.subnets",
        "import ipaddress",
        "[str(n) for n in ipaddress.ip_network(value).subnets(new_prefix=24)]",
        "'10.0.0.0/17'",
    ),
    _one(
        "plistlib",
        "import plistlib",
        "plistlib.loads(plistlib.dumps(value))",
        "{w: len(w) for w in WORDS[:60]}",
    ),
    _one(
        "tomllib.loads",
        "import tomllib",
        "tomllib.loads(value)",
        "'\\n'.join(f'[t{i}]\\n{w} = \"{w}\"\\nn = {i}' for i, w in enumerate(WORDS[:60]))",
    ),
    _one("fnmatch.filter", "import fnmatch", "fnmatch.filter(value, '*al*')", "WORDS * 2"),
    _one(
        "posixpath.normpath",
        "import posixpath",
        "[posixpath.normpath(each) for each in value]",
        "['/a/./b/../' + w for w in WORDS]",
    ),
    _one(
        "pathlib.PurePosixPath",
        "from pathlib import PurePosixPath",
        "[PurePosixPath(each).with_suffix('.x').name for each in value]",
        "['/a/b/' + w + '.py' for w in WORDS[:120]]",
    ),
    _one(
        "string.Template",
        "from string import Template",
        "Template(value).substitute(a=1, b=2)",
        "('$a and ${b} ' * 150)",
    ),
    _one(
        "string.Formatter",
        "from string import Formatter",
        "Formatter().format(value, 1, b=2.5)",
        "'{0:>5} {b:.2f} ' * 80",
    ),
    _one(
        "colorsys.rgb_to_hls",
        "import colorsys",
        "[colorsys.rgb_to_hls(a, a / 2, a / 3) for a in value]",
        "[row['score'] for row in ROWS] * 6",
    ),
    _one("base64.b85encode", "import base64", "base64.b85encode(value)", "TEXT.encode()"),
    _one(
        "base64.b32encode",
        "import base64",
        "base64.b32decode(base64.b32encode(value))",
        "TEXT.encode()[:3000]",
    ),
    _one("quopri", "import quopri", "quopri.encodestring(value)", "TEXT.encode() * 8"),
    _one("random.shuffle", "import random", "random.Random(1).sample(value, len(value))", "WORDS"),
    _one(
        "dis.Bytecode",
        "import dis",
        "[i.opname for i in dis.Bytecode(compile(value, 'x', 'exec'))]",
        "''.join(PIECES[:4])",
    ),
    _one(
        "datetime.strptime",
        "from datetime import datetime",
        "[datetime.strptime(each, '%Y-%m-%d %H:%M') for each in value]",
        "[f'2026-03-{d:02} 10:{m:02}' for d in range(1, 20) for m in range(6)]",
    ),
    _one(
        "datetime.fromisoformat",
        "from datetime import datetime, timedelta",
        "[datetime.fromisoformat(each) + timedelta(1) for each in value]",
        "[f'2026-03-{d:02}T10:{m:02}:00' for d in range(1, 28) for m in range(60)]",
    ),
    _one("re.sub", "import re", "re.sub(r'(\\w)(\\w+)', lambda m: m[2] + m[1], value)", "TEXT"),
    _one("re.split", "import re", "re.split(r'[.,]?\\s+', value)", "TEXT * 2"),
    _one(
        "re parser",
        "import re._parser",
        "[re._parser.parse(each) for each in value]",
        "[f'({w}|a+)?[b-z]*{w}$' for w in WORDS[:20]]",
    ),
    _one(
        "collections.Counter",
        "from collections import Counter",
        "Counter(value).most_common(10)",
        "TEXT * 4",
    ),
    _one(
        "itertools.groupby",
        "from itertools import groupby",
        "{k: len(list(g)) for k, g in groupby(sorted(value), key=lambda w: w[0])}",
        "WORDS * 2",
    ),
    _one(
        "functools.cmp_to_key",
        "from functools import cmp_to_key",
        "sorted(value, key=cmp_to_key(lambda a, b: len(a) - len(b)))",
        "WORDS",
    ),
    _one(
        "graphlib",
        "from graphlib import TopologicalSorter",
        "list(TopologicalSorter(value).static_order())",
        "{i: [i // 2, i // 3] for i in range(1, 300)}",
    ),
    _one(
        "unicodedata.normalize",
        "import unicodedata",
        "[unicodedata.normalize('NFKD', each) for each in value]",
        "[w + '\\u00e9\\u00fc' for w in WORDS * 2]",
    ),
    _one(
        "uuid.uuid5",
        "import uuid",
        "[uuid.uuid5(uuid.NAMESPACE_DNS, each) for each in value]",
        "WORDS[:120]",
    ),
    _one(
        "ElementTree",
        "import xml.etree.ElementTree as ET",
        "ET.tostring(ET.fromstring(value))",
        "'<a>' + ''.join(f'<b c=\"{w}\">{w}</b>' for w in WORDS[:200]) + '</a>'",
    ),
    _one(
        "minidom",
        "from xml.dom import minidom",
        "minidom.parseString(value).toxml()",
        "'<a>' + ''.join(f'<b c=\"{w}\">{w}</b>' for w in WORDS[:40]) + '</a>'",
    ),
    _one("pickle in Python", "import io, pickle", "pickle._dumps(value)", "ROWS[:40]"),
    _one(
        "logging.Formatter",
        "import logging",
        "[logging.Formatter('%(name)s %(message)s').format(logging.LogRecord('a', 20, 'x', 1, each, (), None)) for each in value]",
        "WORDS[:120]",
    ),
    _one(
        "inspect.signature",
        "import inspect, textwrap, json",
        "[inspect.signature(f) for f in (textwrap.wrap, json.dumps, json.loads) * value]",
        "10",
    ),
    _one(
        "decimal",
        "from decimal import Decimal",
        "sum(Decimal(each).sqrt() for each in value)",
        "list(range(1, 500))",
    ),
    _one(
        "zlib.crc32 rows",
        "import zlib",
        "[zlib.crc32(each.encode()) for each in value]",
        "WORDS * 3",
    ),
    _one(
        "packaging.version",
        "from packaging.version import Version",
        "sorted(value, key=Version)",
        "[f'{i % 7}.{i % 5}.{i}rc{i % 3}' for i in range(60)]",
    ),
    _one(
        "markdown_it",
        "from markdown_it import MarkdownIt",
        "MarkdownIt().render(value)",
        "'# Head\\n\\nSome *text* and `code`.\\n\\n- a\\n- b\\n' * 6",
    ),
    _one(
        "yaml.safe_load",
        "import yaml",
        "yaml.safe_load(value)",
        "'\\n'.join(f'{w}{i}: [a, {i}]' for i, w in enumerate(WORDS[:40]))",
    ),
    _one(
        "pygments.lex",
        "from pygments import lex; from pygments.lexers import PythonLexer",
        "list(lex(value, PythonLexer()))",
        "''.join(PIECES[:4])",
    ),
    _one(
        "jinja2 render",
        "import jinja2; _T = jinja2.Template('{% for r in rows %}{{ r.name|upper }}: {{ r.score }}\\n{% endfor %}')",
        "_T.render(rows=value)",
        "ROWS * 4",
    ),
    _one(
        "werkzeug Headers",
        "from werkzeug.datastructures import Headers",
        "[Headers(value).get(name) for name, _ in value[:30]]",
        "[(w.title(), w) for w in WORDS[:60]]",
    ),
    _one(
        "pathspec",
        "import pathspec",
        "list(pathspec.GitIgnoreSpec.from_lines(['*.pyc', 'al*', '!alb*']).match_files(value))",
        "WORDS[:150]",
    ),
    _one(
        "dateutil.parser",
        "from dateutil import parser",
        "[parser.parse(each) for each in value]",
        "[f'{d} March 2026 10:{d:02}' for d in range(1, 25)]",
    ),
    _one(
        "sortedcontainers",
        "from sortedcontainers import SortedList",
        "SortedList(value).bisect('h')",
        "WORDS * 3",
    ),
    _one(
        "tomlkit.parse",
        "import tomlkit",
        "tomlkit.parse(value).as_string()",
        "'\\n'.join(f'{w}{i} = {i}' for i, w in enumerate(WORDS[:30]))",
    ),
    _one(
        "more_itertools",
        "import more_itertools",
        "[list(each) for each in more_itertools.windowed(value, 5)]",
        "WORDS * 2",
    ),
    _one(
        "sorted rows",
        "import operator",
        "sorted(({**row, 'x': sum(map(len, row['tags']))} for row in value), key=operator.itemgetter('x'))",
        "ROWS * 5",
    ),
)
