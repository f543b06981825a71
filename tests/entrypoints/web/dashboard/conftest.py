"""A real browser, the application on a loopback port, and a GitHub to sign in with."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from bot.entrypoints.web.application import Application, Parts
from bot.entrypoints.web.dashboard.opening import Keys, Opening
from tests.entrypoints.web.test_metrics import Quiet
from tests.fakes.github import FakeGitHub

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# The sandbox of the browser itself needs what a container does not allow; the rest keeps it from
# asking its maker's servers.
_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LOCAL = Opening(local=True, secret=b"s" * 32, day_cap=10_000_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for longer than a module: its loop is in the way of tests that have one."""
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        pytest.skip("there is no Chromium: `sh scripts/setup-browser` installs it or says how")
    with sync_playwright() as player:
        made = player.chromium.launch(executable_path=program, args=list(_OPTIONS))
        yield made
        made.close()


@contextmanager
def opened(url: str, opening: Opening, port: int = 0) -> Iterator[str]:
    """The application with a dashboard; its address."""
    application = Application(Parts(url, lambda _, __: False, dashboard=opening))
    server = make_server("127.0.0.1", port, application, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        application.close()


@pytest.fixture
def fake(tmp_path: Path) -> Iterator[FakeGitHub]:
    """Ada owns the shop and Bob the other; each sees one of them."""
    with FakeGitHub(tmp_path / "github") as made:
        made.create_repository("team/shop", {"a.py": "x = 1\n"}, private=True)
        made.create_repository("team/other", {"a.py": "x = 1\n"}, private=True, author="bob")
        yield made


def keys_of(fake: FakeGitHub, address: str) -> Opening:
    """What an operator sets for this GitHub."""
    secret = fake.app.client_secret
    keys = Keys(fake.url, fake.client_id, secret, address)
    return Opening(keys=keys, secret=secret.encode(), day_cap=10_000_000)
