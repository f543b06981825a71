"""The GitHub of `scale.py`, in a process of its own: many installations, repositories and pulls.

    python benchmarks/scale_host.py FOLDER PULLS

Writes FOLDER/town.json once it listens, and then for each line of its input one line: how many
requests came since the last one. It ends with its input.
"""

import json
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

from tests.fakes.github import FakeGitHub
from tests.fakes.github.acts import branches
from tests.fakes.github.state import CheckRun, CheckSuite, Issue, Pull, Repository

PER_REPOSITORY, REPOSITORIES_PER_INSTALLATION = 10, 20
POLICY = """\
version: 1
landing:
  automatic: true
  required_checks: [tests]
  give_up_after_seconds: 604800
"""
FILES = {
    "shop/__init__.py": "",
    "shop/names.py": "def names(rows):\n    return [row.name for row in rows]\n",
    ".github/ironclaw.yml": POLICY,
}


def main() -> int:
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    fake = FakeGitHub(folder / "github")
    # What GitHub works out when it is asked for the first time is known by now.
    fake.hub.lazy_reads = 0
    fake.limits.limit = 10**9
    pulls = []
    for number in range(-(-count // PER_REPOSITORY)):
        name = f"team-{number // REPOSITORIES_PER_INSTALLATION}/shop-{number}"
        repo = fake.create_repository(name, FILES, installed=False)
        most = min(PER_REPOSITORY, count - len(pulls))
        pulls += [open_pull(fake, repo, which + 1) for which in range(most)]
        installation = fake.install(name)
        for one in pulls[-most:]:
            one["installation"] = installation.id
        if len(pulls) % 1000 == 0:
            tell(f"           {len(pulls)} pull requests")
    with fake:
        town = {
            "url": fake.url,
            "client_id": fake.client_id,
            "key": fake.private_key,
            "pulls": pulls,
        }
        part = folder / "town.part"
        part.write_text(json.dumps(town))
        part.rename(folder / "town.json")
        for _ in sys.stdin:
            tell(str(len(fake.requests)), sys.stdout)
            fake.requests.clear()
    return 0


def open_pull(fake: FakeGitHub, repo: Repository, number: int) -> dict[str, Any]:
    """An open pull request of ours whose check still runs; nobody is told of it."""
    hub, bot, main = fake.hub, fake.app.bot, repo.git.head(repo.default_branch)
    assert main is not None
    branch = f"ironclaw/seen-as-list/{repo.id}-{number}"
    # Each commit has a tree that differs from the base's and a name of its own, and costs little.
    tree = repo.git.with_contents(None, FILES) if number == 1 else repo.git.tree_of(first(repo))
    if number == 1:
        tree = repo.git.with_contents(tree, {"shop/names.py": "def names(rows): ...\n"})
    author = branches.signature(hub, bot)
    commit = repo.git.write_commit(tree, (main,), author, f"Improve {branch}\n")
    repo.git.refs.write(f"refs/heads/{branch}", commit.sha)
    opened = hub.now() - timedelta(hours=number)
    pull = Pull(hub.next_id(), branch, repo.default_branch, commit.sha, main)
    repo.issues[number] = Issue(
        hub.next_id(), number, f"Improve {branch}", "Faster.", bot, opened, opened, pull=pull
    )
    suite = CheckSuite(hub.next_id(), hub.actions, commit.sha, branch, opened)
    repo.suites.append(suite)
    run = CheckRun(hub.next_id(), suite, "tests", commit.sha, "in_progress", opened)
    repo.runs[run.id] = run
    return {
        "repository": repo.full_name,
        "host_id": repo.id,
        "base": main,
        "branch": branch,
        "head": commit.sha,
        "number": number,
        "opened": opened.isoformat(),
    }


def first(repo: Repository) -> str:
    pull = repo.issues[1].pull
    assert pull is not None
    return pull.head_sha


def tell(text: str, to: TextIO = sys.stderr) -> None:
    to.write(f"{text}\n")
    to.flush()


if __name__ == "__main__":
    sys.exit(main())
