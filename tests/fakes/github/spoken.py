"""What a person types to the fake that runs by hand: everything that others do on GitHub."""

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from tests.fakes.github.fake import FakeGitHub

SAMPLE = {
    "README.md": "A repository to try things on.\n",
    "app.py": """\
def missing(wanted: list[str], there: list[str]) -> list[str]:
    found = []
    for name in wanted:
        if name not in there:
            found.append(name)
    return found
""",
    "test_app.py": """\
from app import missing


def test_what_is_not_there_is_missing():
    there = [f"n{number}" for number in range(400)]
    wanted = [f"n{number}" for number in range(0, 800, 2)]
    assert missing(wanted, there) == wanted[200:]
""",
    ".github/workflows/ci.yml": (
        "name: CI\non: [push, pull_request, merge_group]\njobs:\n  tests:\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n"
        "      - run: python3 -m compileall -q .\n"
    ),
}
HELP = """\
install OWNER/NAME [FOLDER]   put the app on a repository, made of a folder's files if it is new
use OWNER/NAME                speak of this repository from now on
list                          its pull requests and issues
show NUMBER                   the text and the comments of one
merge NUMBER | close NUMBER | reopen NUMBER
comment NUMBER TEXT           as ada, who may write: comment 3 /ironclaw status
label NUMBER NAME             such as hold
approve NUMBER                a review by grace
check NUMBER NAME CONCLUSION  a check on its head: check 3 tests success
require NAME...               checks that the default branch asks for
deploy [STATE]                the default branch's head to production: success or failure
uninstall                     take the app off it"""
"""All of it is done by people; the app's own doings come over HTTP."""


class Spoken:
    """Obeys one line at a time."""

    def __init__(self, fake: FakeGitHub, repository: str) -> None:
        self._fake = fake
        self._name = repository

    def obey(self, line: str) -> str:
        """What came of it; what is wrong with the line, if it is."""
        try:
            word, *given = shlex.split(line) or ["help"]
            act = _ACTS.get(word)
            return act(self, *given) if act else f"there is no `{word}`\n{HELP}"
        except KeyError as error:
            return f"there is no {error.args[0]} in {self._name}"
        except (TypeError, ValueError, OSError) as error:
            return f"{error}\n{HELP}"
        except Exception as error:  # noqa: BLE001 - the fake refuses as GitHub would
            return f"refused: {error}"

    def help(self) -> str:
        return HELP

    def install(self, name: str, folder: str = "") -> str:
        if name.lower() not in self._fake.hub.repositories:
            files = _files(Path(folder)) if folder else dict[str, str | bytes](SAMPLE)
            self._fake.create_repository(name, files)
        else:
            self._fake.install(name)
        return self.use(name)

    def uninstall(self) -> str:
        self._fake.uninstall(self._name)
        return f"the app is off {self._name}"

    def use(self, name: str) -> str:
        self._name = self._fake.repository(name).full_name
        return f"now about {self._name}"

    def list(self) -> str:
        rows = []
        for issue in self._fake.repository(self._name).issues.values():
            kind = f"pull request from {issue.pull.head_ref}" if issue.pull else "issue"
            state = "merged" if issue.pull and issue.pull.merged_at else issue.state
            rows.append(f"#{issue.number}  {state:7} {issue.title}  ({kind})")
        return "\n".join(rows) or "nothing yet"

    def show(self, number: str) -> str:
        issue = self._fake.repository(self._name).issues[int(number)]
        comments = [f"--- {one.author.login}:\n{one.body}" for one in issue.comments]
        return "\n".join([issue.title, "", issue.body or "", *comments])

    def merge(self, number: str) -> str:
        return f"merged as {self._fake.merge_as_person(self._name, int(number))}"

    def close(self, number: str) -> str:
        self._fake.close(self._name, int(number))
        return "closed"

    def reopen(self, number: str) -> str:
        self._fake.reopen(self._name, int(number))
        return "open again"

    def comment(self, number: str, *text: str) -> str:
        self._fake.comment(self._name, int(number), "ada", " ".join(text))
        return "said"

    def label(self, number: str, name: str) -> str:
        self._fake.label(self._name, int(number), name)
        return "labelled"

    def approve(self, number: str) -> str:
        self._fake.set_permission(self._name, "grace", "write")
        self._fake.review(self._name, int(number), "grace")
        return "approved by grace"

    def check(self, number: str, name: str, conclusion: str) -> str:
        head = self._fake.pull(self._name, int(number)).pull.head_sha  # type: ignore[union-attr] # `pull` gives pull requests alone
        self._fake.report_check(self._name, head, name, conclusion)
        return f"{name} ended with {conclusion} on {head[:12]}"

    def require(self, *names: str) -> str:
        self._fake.set_required_checks(self._name, *names)
        return f"asked for from now on: {', '.join(names) or 'nothing'}"

    def deploy(self, state: str = "success") -> str:
        made = self._fake.deploy(self._name, state=state)
        return f"{made.sha[:12]} is deployed: {state}"


_ACTS: Mapping[str, Callable[..., str]] = MappingProxyType(
    {
        name: act
        for name, act in vars(Spoken).items()
        if not name.startswith("_") and name != "obey" and callable(act)
    }
)


def _files(folder: Path) -> dict[str, str | bytes]:
    """What a folder holds, without what git keeps for itself."""
    found: dict[str, str | bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and ".git" not in name.parts:
            found[name.as_posix()] = path.read_bytes()
    if not found:
        message = f"there are no files in {folder}"
        raise ValueError(message)
    return found
