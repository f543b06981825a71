"""Runs the fake by hand: `python -m tests.fakes.github --port 8100 --webhook-url URL`."""

import argparse
import os
import select
import signal
import sys
import tempfile
import threading
from pathlib import Path

from bot.domain.app_manifest import EVENTS, PERMISSIONS
from tests.fakes.github.fake import FakeGitHub
from tests.fakes.github.spoken import SAMPLE, Spoken

_PATIENCE = 0.2


def main(arguments: list[str]) -> int:
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(options.folder or name)
        with FakeGitHub(
            folder, webhook_url=options.webhook_url, background=True, port=options.port
        ) as fake:
            if options.webhook_secret:
                fake.app.webhook_secret = options.webhook_secret
            # As `ironclaw setup` makes it, so that `setup --check` finds nothing amiss.
            fake.app.permissions = dict(PERMISSIONS)
            fake.app.events = list(EVENTS)
            fake.create_repository(options.repository, dict(SAMPLE))
            key = folder / "app.private-key.pem"
            key.write_text(fake.private_key)
            sys.stdout.write(_how_to(fake, key, options) + "\n")
            sys.stdout.flush()
            _obey(Spoken(fake, options.repository))
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
            "Do what others do, such as `merge 1` or `deploy`: type `help`.",
        ]
    )


def _with_login(fake: FakeGitHub) -> str:
    return fake.url.replace("://", f"://ada:{fake.person_token('ada')}@")


def _obey(spoken: Spoken) -> None:
    """Until it is told to end; without anybody who types, it goes on."""
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())

    typed = b""
    while not done.is_set():
        # A thread that waits for a line could not be ended.
        if not select.select([sys.stdin], [], [], _PATIENCE)[0]:
            continue
        more = os.read(sys.stdin.fileno(), 4096)
        if not more:
            done.wait()
        *lines, typed = (typed + more).split(b"\n")
        for line in lines:
            sys.stdout.write(spoken.obey(line.decode(errors="replace")) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
