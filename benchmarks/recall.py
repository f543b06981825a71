"""How often the right past outcome and the right code are recalled.

    python benchmarks/recall.py [--functions 600] [--seed 1]

The history is made of real functions of the standard library: one outcome each, with words about
it. Then its code comes again, changed as code is: laid out anew, moved to another file, its names
renamed (the function's own and all local ones), a statement added, and all of these together; and
that code is asked for, with the words of a fresh finding. The same is asked of the functions
themselves, for the code around a finding: by the bare words of a sentence that names what the
function calls. Prints recall@1, @5 and @10 of the product's index and, in the same run, of words
alone and of shapes alone. A target is missed, and 1 the exit code, where the index has the right
outcome, or the right code, among the first 5 in 85 % of the questions or less.
"""

import argparse
import ast
import builtins
import importlib
import inspect
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot.adapters.recall import WEIGHTS, rank

MODULES = (
    *("argparse", "ast", "asyncio.streams", "bdb", "calendar", "cgitb", "cmd", "code", "codecs"),
    *("configparser", "copy", "csv", "dataclasses", "difflib", "dis", "doctest", "email.message"),
    *("email.utils", "enum", "filecmp", "fractions", "ftplib", "functools", "gettext", "glob"),
    *("gzip", "heapq", "html.parser", "http.client", "http.cookiejar", "imaplib", "inspect"),
    *("ipaddress", "json.decoder", "json.encoder", "logging", "mailbox", "mimetypes", "nntplib"),
    *("optparse", "pathlib", "pdb", "pickle", "pickletools", "plistlib", "posixpath", "pprint"),
    *("profile", "random", "re", "shlex", "shutil", "smtplib", "socket", "statistics", "string"),
    *("subprocess", "tarfile", "tempfile", "textwrap", "threading", "tokenize", "trace"),
    *("traceback", "turtle", "typing", "unittest.case", "urllib.parse", "urllib.request", "uuid"),
    *("xml.dom.minidom", "xml.etree.ElementTree", "zipfile"),
)
RULES = ("sorted-for-min", "list-membership", "string-append", "regex-per-call", "pop-front")
CHANGES = ("laid out", "moved", "renamed", "edited", "all of these")
INDEXES = ("words and shapes", "words alone", "shapes alone")


@dataclass(frozen=True)
class Known:
    """One function of the history."""

    file: str
    name: str
    rule: str
    code: str

    @property
    def words(self) -> str:
        return f"{self.rule} {self.file} {self.name} {self.rule.replace('-', ' ')} in a hot place"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--functions", type=int, default=600)
    parser.add_argument("--questions", type=int, default=150, help="of each kind of change")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    history = known(draw, options.functions)
    print(f"{len(history)} outcomes, {options.questions} questions of each kind")
    print(f"{'asked for':34}{'recall@1':>10}{'@5':>8}{'@10':>8}   by")
    good = True
    for change in CHANGES:
        asked = draw.sample(range(len(history)), min(options.questions, len(history)))
        questions = [(place, changed(history[place], change, draw)) for place in asked]
        good &= shown(f"outcome, code {change}", history, questions) > 0.85
    asked = draw.sample(range(len(history)), min(options.questions, len(history)))
    questions = [(place, (sentence(history[place], draw), "")) for place in asked]
    good &= shown("code, by a sentence", history, questions) > 0.85
    return int(not good)


def known(draw: random.Random, count: int) -> list[Known]:
    found: dict[str, Known] = {}
    for module in MODULES:
        try:
            source = inspect.getsource(importlib.import_module(module))
        except (ImportError, OSError):
            continue
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and 6 <= node.end_lineno - node.lineno <= 60:
                code = ast.unparse(node)
                file = f"lib/{module.replace('.', '/')}.py"
                found[code] = Known(file, node.name, draw.choice(RULES), code)
    every = list(found.values())
    return draw.sample(every, min(count, len(every)))


def changed(one: Known, change: str, draw: random.Random) -> tuple[str, str]:
    """The words and the code of the question."""
    tree = ast.parse(one.code)
    file, name = one.file, one.name
    if change in ("moved", "all of these"):
        file = f"app/{draw.choice(MODULES).replace('.', '_')}_new.py"
    if change in ("edited", "all of these"):
        body = tree.body[0].body
        body.insert(draw.randint(1, len(body)), ast.parse("checked = len(seen) > limit").body[0])
    if change in ("renamed", "all of these"):
        name = f"do_{draw.randrange(10**4)}"
        tree = Renamed(tree, name).visit(tree)
    code = ast.unparse(tree)
    if change in ("laid out", "all of these"):
        code = code.replace("    ", "  ").replace(", ", ",\n  " if "'" not in code else ", ")
        try:
            ast.parse(code)
        except SyntaxError:
            code = ast.unparse(tree).replace("    ", "\t")
    fresh = Known(file, name, one.rule, code)
    return fresh.words, code


class Renamed(ast.NodeTransformer):
    """Every local name by another, and the function's own."""

    def __init__(self, tree: ast.Module, name: str) -> None:
        stored = {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        } | {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
        names = sorted(stored - {"self", "cls"} - set(dir(builtins)))
        self._to = {one: f"v{number}" for number, one in enumerate(names)}
        self._name = name

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self._name
        return self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self._to.get(node.id, node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self._to.get(node.arg, node.arg)
        return self.generic_visit(node)


def sentence(one: Known, draw: random.Random) -> str:
    """What an issue might say: some names that the code uses, never the function's own."""
    names = {node.attr for node in ast.walk(ast.parse(one.code)) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(ast.parse(one.code)) if isinstance(node, ast.Name)}
    some = draw.sample(sorted(names - {"self"}), min(6, len(names - {"self"})))
    return f"it is slow where {' and '.join(some)} are used"


def shown(
    title: str, history: Sequence[Known], questions: Sequence[tuple[int, tuple[str, str]]]
) -> float:
    """One line of each index; returns the product's recall@5."""
    found = {}
    for index in INDEXES:
        began = time.perf_counter()
        ranks = [place_of(history, right, asked, index) for right, asked in questions]
        each = (time.perf_counter() - began) / len(questions)
        at = [sum(rank < k for rank in ranks) / len(ranks) for k in (1, 5, 10)]
        found[index] = at[1]
        name = title if index == INDEXES[0] else ""
        print(f"{name:34}{at[0]:10.1%}{at[1]:8.1%}{at[2]:8.1%}   {index} ({each * 1e3:.0f} ms)")
    return found[INDEXES[0]]


def place_of(history: Sequence[Known], right: int, asked: tuple[str, str], index: str) -> int:
    """How many come before the right one; 10 if it is not among the first ten."""
    words, code = asked
    documents = [(one.words, one.code) for one in history]
    if index == "words alone":
        documents = [(f"{text} {more}", "") for text, more in documents]
        words, code = f"{words} {code}", ""
    elif index == "shapes alone":
        documents = [("", more) for _, more in documents]
        words = ""
    places = rank(documents, (words, code), 10, BY[index])
    return places.index(right) if right in places else 10


BY = {"words and shapes": WEIGHTS, "words alone": (1.0, 0.0), "shapes alone": (0.0, 1.0)}


if __name__ == "__main__":
    sys.exit(main())
