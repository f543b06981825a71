"""How long the Action takes from its first step to its verdict, beside the project's tests alone.

    python benchmarks/action.py CHECKOUT... [--python PATH] [--improve] [--json]

Puts the files of each checkout into a repository on the fake GitHub and lets jobs with our action
run there, on the runner of the tests: `gate` on a push with ten timings of an import a side;
`report` by hand; `sandbox` on a pull request and on one from a fork, each adding a function and its
test; with `--improve` also `improve` on a schedule, which opens nothing. `--python` has the
packages that the projects' tests need (this one, if it is not given). What the first step of modes
other than `gate` installs is there already, since that is the index's time. Seconds of the whole
job, one run each: look at orders of magnitude. Exits 1 where a verdict is missing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.entrypoints.action.online import NAME, on_github, workflow
from tests.fakes.github import FakeGitHub

READ = {"contents": "read"}
OPENS = {"contents": "write", "pull-requests": "write", "checks": "read", "statuses": "read"}
BENCH = """import json, subprocess, sys, time
times = []
for _ in range(10):
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import " + sys.argv[1]], check=True)
    times.append(time.perf_counter() - began)
one = {"command": "import", "mean": sum(times) / 10, "median": sorted(times)[5], "times": times}
print(json.dumps({"results": [one]}))
"""
ADDED = "def added_by_the_benchmark(x: int) -> int:\n    return x + 1\n"
TEST = "def test_added():\n    import added_here\n    added_here.added_by_the_benchmark(1)\n"


def main() -> int:
    """Every checkout in turn."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("checkouts", nargs="+", type=Path)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--improve", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = [row for path in given.checkouts for row in measured(path, given)]
    if given.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print("{project:20} {what:28} {seconds:8.1f} s  {verdict:13} {headline}".format(**row))
    return int(any(not row["verdict"] for row in rows))


def measured(checkout: Path, given: argparse.Namespace) -> list[dict[str, Any]]:
    """One row for each job, the tests alone first."""
    files = _files(checkout)
    name = checkout.name.removesuffix(".git")
    rows = [{"project": name, **_tests_alone(files, given.python)}]
    package = next(path.split("/")[0] for path in files if path.endswith("/__init__.py"))
    with tempfile.TemporaryDirectory(prefix="ironclaw-action-") as folder:
        for what, job in _jobs(given, package).items():
            with on_github(Path(folder, what.replace(" ", "-")), files) as fake:
                print(f"{name}: {what}", file=sys.stderr)
                rows.append({"project": name, "what": what, **_timed(job, fake)})
    return rows


def _files(checkout: Path) -> dict[str, str | bytes]:
    """What its commit holds, without workflows of its own."""
    listed = subprocess.check_output(["git", "-C", str(checkout), "ls-tree", "-rz", "HEAD"])
    found: dict[str, str | bytes] = {}
    for line in filter(None, listed.decode().split("\0")):
        info, path = line.split("\t", 1)
        if info.startswith("100") and not path.startswith(".github/"):
            command = ["git", "-C", str(checkout), "cat-file", "blob", info.split()[2]]
            found[path] = subprocess.check_output(command)
    return found


def _tests_alone(files: Mapping[str, str | bytes], python: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        for path, data in files.items():
            place = Path(name, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data if isinstance(data, bytes) else data.encode())
        began = time.perf_counter()
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        done = subprocess.run(command, cwd=name, capture_output=True, text=True, check=False)
        took = time.perf_counter() - began
    said = (done.stdout.strip().splitlines() or ["nothing"])[-1]
    verdict = "pass" if done.returncode == 0 else "fail"
    return {"what": "tests alone", "seconds": took, "verdict": verdict, "headline": said}


Job = Callable[[FakeGitHub], None]


def _jobs(given: argparse.Namespace, package: str) -> dict[str, Job]:
    gate = {"files": "new.json", "baseline": "base.json"}
    bench = f"for one in base new; do python3 bench.py {package} > $one.json; done"
    sandbox = {"mode": "sandbox", "python": given.python}
    improve = {"mode": "improve", "python": given.python, "dry-run": "true", "max": "1"}
    change = {"added_here.py": ADDED, "tests/test_added_here.py": TEST}

    def on(event: str, inputs: Mapping[str, str], before: str = "true") -> Job:
        may = OPENS if inputs.get("mode") == "improve" else READ

        def start(fake: FakeGitHub) -> None:
            fake.push(NAME, "main", {"bench.py": BENCH, **workflow(event, inputs, may, before)})
            if event != "push":
                fake.hub.jobs.clear()
                fake.start_workflows(NAME, event)

        return start

    def on_pull(*, fork: bool) -> Job:
        def start(fake: FakeGitHub) -> None:
            fake.push(NAME, "main", workflow("pull_request", sandbox, READ))
            fake.hub.jobs.clear()
            if fork:
                fake.open_pull_from_fork(NAME, "topic", change)
            else:
                fake.push(NAME, "topic", change)
                fake.open_pull(NAME, "topic")

        return start

    jobs = {
        "gate, push": on("push", gate, bench),
        "report, workflow_dispatch": on(
            "workflow_dispatch", {"mode": "report", "files": "new.json"}, bench
        ),
        "sandbox, pull request": on_pull(fork=False),
        "sandbox, fork": on_pull(fork=True),
    }
    return jobs | ({"improve, schedule": on("schedule", improve)} if given.improve else {})


def _timed(job: Job, fake: FakeGitHub) -> dict[str, Any]:
    job(fake)
    began = time.perf_counter()
    fake.run_workflows()
    took = time.perf_counter() - began
    done = fake.jobs_done[-1]
    outputs = done.outputs("ironclaw") if "ironclaw" in done.steps else {}
    verdict = outputs.get("verdict", "")
    headline = outputs.get("headline") or done.log.text[-300:]
    return {"seconds": took, "verdict": verdict, "headline": headline[:100]}


if __name__ == "__main__":
    sys.exit(main())
