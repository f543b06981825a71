"""A person at a terminal and a browser: starts the program, opens the page, follows GitHub."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests

from bot.entrypoints.setup.creation import VARIABLES

_SECONDS = 60
PUBLIC = "https://ironclaw.example.org"


def surroundings(**more: str) -> dict[str, str]:
    """An environment in which no App is set up."""
    hidden = {*VARIABLES, "GITHUB_API_URL"}
    plain = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**plain, "COLUMNS": "200", **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot.entrypoints.cli", "setup", *arguments]


def run(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The program to its end, where it needs nobody."""
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env=surroundings(**more),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=_SECONDS,
    )


class Setup:
    """A set-up that runs, and the address that it printed."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.shown = ""
        self.address = self._wait_for_address()

    @property
    def site(self) -> str:
        """The page's origin."""
        where = urlsplit(self.address)
        return f"{where.scheme}://{where.netloc}"

    def ended(self) -> tuple[int, str, str]:
        """Its code and all that it printed, when it has ended by itself."""
        out, rest = self.process.communicate(timeout=_SECONDS)
        return self.process.returncode, out, self.shown + rest

    def _wait_for_address(self) -> str:
        assert self.process.stderr
        for line in self.process.stderr:
            self.shown += line
            if found := re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", line):
                return found[0]
        raise AssertionError(self.shown)


@contextmanager
def setup_in(folder: Path, *arguments: str, **more: str) -> Iterator[Setup]:
    """The program in a folder, ended at the end whatever happens."""
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=surroundings(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Setup(process)
        finally:
            process.kill()


class Page(HTMLParser):
    """A page's only form, and whether anything in it would run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.action = ""
        self.method = ""
        self.fields: dict[str, str] = {}
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given: dict[str, Any] = dict(attrs)
        self.tags.append(tag)
        self.attributes += given
        if tag == "form":
            self.action, self.method = given["action"], given["method"]
        if tag == "input":
            self.fields[given["name"]] = given["value"]

    @property
    def state(self) -> str:
        """What GitHub is to send back."""
        return parse_qs(urlsplit(self.action).query)["state"][0]


class Browser:
    """Keeps its cookies, and follows redirects on the page's own site only."""

    def __init__(self) -> None:
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def get(self, address: str, **headers: str) -> requests.Response:
        """One request, redirects not followed."""
        return self._session.get(address, headers=headers, allow_redirects=False, timeout=_SECONDS)

    def open(self, setup: Setup) -> Page:
        """From the printed address to the form."""
        first = self.get(setup.address)
        assert (first.status_code, first.headers["Location"]) == (303, "/")
        shown = self.get(f"{setup.site}/")
        assert shown.status_code == 200
        return Page(shown.text)

    def come_back(self, setup: Setup, code: str, state: str) -> requests.Response:
        """As GitHub sends a person back."""
        return self.get(f"{setup.site}/created?code={code}&state={state}")

    def open_again(self, setup: Setup) -> Page:
        """The form once more, by the cookie alone."""
        shown = self.get(f"{setup.site}/")
        assert shown.status_code == 200
        return Page(shown.text)
