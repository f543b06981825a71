"""Runs the fake by hand: `python -m tests.fakes.github --port 8100 --webhook-url URL`."""

import argparse
import signal
import sys
import tempfile
import threading
from pathlib import Path

from tests.fakes.github.fake import FakeGitHub

_FILES = {
    "README.md": "A repository to try things on.\n",
    "app.py": "def total(items):\n    return sum(items)\n",
    ".github/workflows/ci.yml": (
        "name: CI\non: [push, pull_request, merge_group]\njobs:\n  tests:\n"
        "    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/checkout@v5\n"
        "      - run: python3 -m compileall -q .\n"
    ),
}


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(options.folder or name)
        with FakeGitHub(
            folder, webhook_url=options.webhook_url, background=True, port=options.port
        ) as fake:
            if options.webhook_secret:
                fake.app.webhook_secret = options.webhook_secret
            fake.create_repository(options.repository, _FILES)
            key = folder / "app.private-key.pem"
            key.write_text(fake.private_key)
            sys.stdout.write(_how_to(fake, key, options) + "\n")
            sys.stdout.flush()
            _wait()
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.github", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="the port on the loopback interface")
    parser.add_argument("--webhook-url", default="", help="where deliveries are sent")
    parser.add_argument("--webhook-secret", default="", help="what they are signed with")
    parser.add_argument("--repository", default="octo/sample", help="a repository to begin with")
    parser.add_argument("--folder", default="", help="keep the repositories here")
    return parser.parse_args(arguments)


def _how_to(fake: FakeGitHub, key: Path, options: argparse.Namespace) -> str:
    return "\n".join(
        [
            f"A fake GitHub listens on {fake.url}; Ctrl-C ends it.",
            "",
            "Point Ironclaw at it:",
            f"  export GITHUB_API_URL={fake.url}",
            f"  export GITHUB_APP_ID={fake.app_id}",
            f"  export GITHUB_PRIVATE_KEY_FILE={key}",
            f"  export GITHUB_WEBHOOK_SECRET={fake.webhook_secret}",
            "",
            f"Clone as a person: git clone {_with_login(fake)}/{options.repository}.git",
        ]
    )


def _with_login(fake: FakeGitHub) -> str:
    return fake.url.replace("://", f"://ada:{fake.person_token('ada')}@")


def _wait() -> None:
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
