"""The fake as a program, with its own threads."""

import re
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import requests

from tests.fakes.github import FakeGitHub
from tests.fakes.github.clients import REPO
from tests.fakes.github.spoken import Spoken

ROOT = Path(__file__).parent.parent.parent.parent


def test_it_says_how_to_point_ironclaw_at_it(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.github", "--folder", str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        assert process.stdin
        said = "".join(iter(process.stdout.readline, "\n")) + process.stdout.readline()
        said += process.stdout.readline()
        process.stdin.write("deploy\n")
        process.stdin.flush()
        assert "is deployed: success" in "".join(process.stdout.readline() for _ in range(7))
        found = re.search(r"GITHUB_API_URL=(\S+)", said)
        assert found, said
        assert requests.get(f"{found[1]}/meta", timeout=10).status_code == 200
        process.send_signal(signal.SIGTERM)
    assert process.returncode == 0
    assert "BEGIN RSA PRIVATE KEY" in (tmp_path / "app.private-key.pem").read_text()


def test_a_person_does_by_hand_what_others_do(tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "a.txt").write_text("a\n")
    with FakeGitHub(tmp_path / "fake") as fake:
        spoken = Spoken(fake, REPO)
        spoken.obey(f"install {REPO}")
        fake.push(REPO, "change", {"b.txt": "b\n"})
        number = fake.open_pull(REPO, "change")
        assert "open    A change  (pull request from change)" in spoken.obey("list")
        for line in (
            f"check {number} tests success",
            f"approve {number}",
            f"label {number} hold",
            f"comment {number} /ironclaw status",
            f"close {number}",
            f"reopen {number}",
            f"merge {number}",
            "deploy",
            "require tests",
            f"install team/other {folder}",
            "uninstall",
            "help",
        ):
            assert "there is no" not in spoken.obey(line), line
        assert "merged" in Spoken(fake, REPO).obey("list")
        assert "/ironclaw status" in Spoken(fake, REPO).obey(f"show {number}")
        assert fake.files("team/other") == {"a.txt": "a\n"}
        seen = {one.event for one in fake.deliveries}
        assert {"installation", "pull_request", "deployment_status", "issue_comment"} <= seen
        for line in ("", "dance", "merge", "merge x", "show 99", "use team/none", 'comment "1'):
            assert spoken.obey(line)


class Receiver(BaseHTTPRequestHandler):
    """Takes what comes."""

    came: list[str]

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.came.append(self.headers["X-GitHub-Event"])
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def test_threads_of_its_own_send_and_run(tmp_path: Path) -> None:
    Receiver.came = []
    workflow = "on: push\njobs: {build: {steps: [{run: 'true'}]}}\n"
    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, args=(0.01,))
        thread.start()
        url = f"http://127.0.0.1:{receiver.server_port}/webhooks"
        done = threading.Event()
        with FakeGitHub(tmp_path, webhook_url=url, background=True) as fake:
            fake.effects.watch(
                lambda stage, effect: (
                    done.set() if (stage, effect.kind) == ("after", "check run update") else None
                )
            )
            fake.create_repository(REPO, {".github/workflows/ci.yml": workflow})
            fake.push(REPO, "main", {"a.txt": "a\n"})
            assert done.wait(30)
            fake.webhooks.settle()
            assert [one.ok for one in fake.deliveries] == [True] * len(fake.deliveries)
        receiver.shutdown()
        thread.join()
    assert {"push", "check_run", "installation"} <= set(Receiver.came)
