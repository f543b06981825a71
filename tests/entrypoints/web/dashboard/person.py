"""A person with a browser that keeps cookies, at the dashboard and at GitHub."""

import re
from html import unescape
from typing import Self
from urllib.parse import quote, urlsplit

import requests

_SECONDS = 60
_FIELD = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


class Person:
    """Follows what pages say, as a browser would."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()
        self.session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.session.close()

    def get(self, path: str, **headers: str) -> requests.Response:
        """One request, redirects not followed."""
        url = path if path.startswith("http") else f"{self.address}{path}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.session.get(url, headers=named, allow_redirects=False, timeout=_SECONDS)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> requests.Response:
        """A form, which says where it comes from unless told otherwise."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Origin": self.address} | named
        return self.session.post(
            f"{self.address}{path}",
            data=fields,
            headers={name: value for name, value in sent.items() if value},
            allow_redirects=False,
            timeout=_SECONDS,
        )

    def cookie(self, name: str, value: str) -> None:
        """Have this cookie and no other."""
        self.session.cookies.clear()
        self.session.cookies.set(name, value, domain="127.0.0.1", path="/")

    def sign_in(self, then: str = "/") -> requests.Response:
        """To GitHub and back; what the dashboard answers at the end."""
        return self.come_back(self.at_github(then))

    def at_github(self, then: str = "/") -> str:
        """To GitHub, which sends the person to this address."""
        begun = self.get(f"/sign-in?next={quote(then)}")
        assert begun.status_code == 303, begun.text
        agreed = self.get(begun.headers["Location"])
        assert agreed.status_code == 302, agreed.text
        return agreed.headers["Location"]

    def come_back(self, address: str) -> requests.Response:
        where = urlsplit(address)
        assert address.startswith(self.address), address
        return self.get(f"{where.path}?{where.query}")

    def fields(self, path: str, wanted: str = "at") -> dict[str, str]:
        """The hidden fields of the form that asks; `wanted` is one that it has."""
        page = self.get(path)
        assert page.status_code == 200, page.text
        for form in re.findall(r"<form method=\"post\".*?</form>", page.text, re.DOTALL):
            found = {name: unescape(value) for name, value in _FIELD.findall(form)}
            if wanted in found:
                return found
        raise AssertionError(page.text)
