"""Asks GitHub as one installation about one repository: the way that everything goes."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from bot.adapters.github.cache import Cache, Key
from bot.adapters.github.exchange import Exchange, Sleep
from bot.adapters.github.fields import Fields
from bot.adapters.github.pacing import Pacer
from bot.adapters.github.tokens import AppKey, GivenToken, Scope, Task, Tokens
from bot.adapters.github.wire import GITHUB, TIMEOUT_SECONDS, Answer, Method, Request, Wire
from bot.ports import Clock, HostError, InstallationGoneError, UserError

_NEXT = re.compile(r'<([^>]+)>;\s*rel="next"')
_MAX_PAGES = 50
_CONFLICT = 409


class GitHubClient:
    """What all installations share in one process: connections, tokens, limits and answers."""

    def __init__(
        self,
        key: AppKey | GivenToken,
        clock: Clock,
        *,
        base_url: str = GITHUB,
        pause: float = 1,
        timeout: float = TIMEOUT_SECONDS,
        sleep: Sleep = asyncio.sleep,
        may_act: Callable[[], None] = lambda: None,
    ) -> None:
        self.exchange = Exchange(Wire(base_url, timeout), clock, sleep, may_act)
        self.tokens = key if isinstance(key, GivenToken) else Tokens(self.exchange, key, clock)
        self.cache = Cache()
        self.pacer = Pacer(pause, sleep)
        self.sleep = sleep

    def repository(
        self, installation: int, name: str, repository_id: int | None = None
    ) -> "Access":
        """The way to one repository, and to nothing beside it."""
        return Access(self, installation, name, repository_id)

    async def close(self) -> None:
        """Close the connections."""
        await self.exchange.close()


@dataclass(frozen=True, slots=True)
class Queried:
    """What a GraphQL document came to; an error has its type and its text."""

    data: Fields
    errors: tuple[tuple[str, str], ...] = ()

    @property
    def complaint(self) -> str:
        """Everything that went wrong, for a person."""
        return "; ".join(text for _, text in self.errors)

    def expect(self) -> Fields:
        """The data, of a document in which nothing may go wrong."""
        if self.errors:
            raise HostError(f"GitHub could not answer: {self.complaint}")
        return self.data


class Access:
    """One repository of one installation; a path that begins with a slash is not below it.

    Without a name it is all that the installation may see.
    """

    def __init__(
        self,
        client: GitHubClient,
        installation: int,
        name: str = "",
        repository_id: int | None = None,
        *,
        reading: Task = Task.READ,
    ) -> None:
        self.client = client
        self.installation = installation
        self.name = name
        self._repository_id = repository_id
        self._reading = reading

    def for_task(self, reading: Task) -> "Access":
        """The same repository, read with what another task takes."""
        return Access(
            self.client, self.installation, self.name, self._repository_id, reading=reading
        )

    @property
    def owner(self) -> str:
        """Whose repository it is."""
        return self.name.partition("/")[0]

    async def get(self, path: str, **params: str | int) -> Answer:
        """The present answer; 404 means that it is not there, or not for us."""
        return await self._cached(self._question(path, params))

    async def pages(self, path: str, *inside: str, **params: str | int) -> AsyncIterator[Fields]:
        """The items of a list over all its pages; `inside` leads to the list in each."""
        answer = await self._cached(self._question(path, {"per_page": 100, **params}))
        for _ in range(_MAX_PAGES):
            for item in expect(answer, 200).each(*inside):
                yield item
            following = _NEXT.search(answer.headers.get("link", ""))
            if following is None:
                return
            answer = await self._cached(Request("GET", following[1]))

    async def send(
        self, method: Method, path: str, body: object = None, *, task: Task = Task.CHANGE
    ) -> Answer:
        """Change something once; UncertainError if nobody knows whether it was done."""
        async with self.client.pacer.turn(self.installation):
            return await self._authorised(Request(method, self._path(path), body=body), task)

    async def query(self, document: str, **variables: object) -> Queried:
        """What a GraphQL document reads."""
        body = {"query": document, "variables": variables}
        request = Request("POST", self.client.exchange.graphql_url, body=body)
        return _queried(await self._authorised(request, self._reading, repeatable=True))

    async def mutate(
        self, document: str, given: Mapping[str, object], *, task: Task = Task.CHANGE
    ) -> Queried:
        """What a GraphQL document with one `$input` changes; sent once, like `send`."""
        body = {"query": document, "variables": {"input": given}}
        request = Request("POST", self.client.exchange.graphql_url, body=body)
        async with self.client.pacer.turn(self.installation):
            return _queried(await self._authorised(request, task))

    def _question(self, path: str, params: Mapping[str, str | int]) -> Request:
        texts = {name: str(value) for name, value in params.items()}
        return Request("GET", self._path(path), texts)

    def _path(self, path: str) -> str:
        if path.startswith("/"):
            return path
        return f"/repos/{self.name}/{path}".rstrip("/")

    async def _cached(self, request: Request) -> Answer:
        question = f"{request.path}?{sorted(request.params.items())}"
        key = Key(self.installation, self.name, question)
        known = self.client.cache.get(key)
        headers = {"If-None-Match": known.headers["etag"]} if known else {}
        answer = await self._authorised(request, self._reading, headers=headers)
        if answer.status == 304 and known is not None:
            return known
        self.client.cache.keep(key, answer)
        return answer

    async def _authorised(
        self,
        request: Request,
        task: Task,
        *,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> Answer:
        """The answer with a token for the task; a refused token is renewed once."""
        scope = Scope(self.installation, task, self.name, self._repository_id)
        ask = partial(
            self.client.exchange.ask,
            request,
            installation=self.installation,
            headers=headers,
            repeatable=repeatable,
        )
        token = await self.client.tokens.get(scope)
        answer = await ask(token)
        if answer.status == 401:
            # It was refused and so has done nothing: sending it again is safe.
            token = await self.client.tokens.get(scope, refused=token)
            answer = await ask(token)
        if answer.status == 401:
            raise InstallationGoneError(f"GitHub refuses a new token: {answer.message}")
        if answer.status == 403:
            raise self._forbidden(request, answer)
        return answer

    def _forbidden(self, request: Request, answer: Answer) -> Exception:
        if "suspended" in answer.message.lower():
            return InstallationGoneError(f"installation {self.installation} is suspended")
        needed = answer.headers.get("x-accepted-github-permissions", "")
        remedy = f"it takes the permission {needed}" if needed else "see the App's permissions"
        if "archived" in answer.message.lower():
            remedy = "unarchive the repository, or take it from the App"
        if "actions is not permitted" in answer.message.lower():
            remedy = (
                "allow it in the repository's settings (Actions, General, Workflow permissions), "
                "or give the token of an App"
            )
        return UserError(
            f"GitHub does not let us {request.method} {request.path}: {answer.message}", remedy
        )


class RefusedError(UserError):
    """GitHub understood what was sent and will not do it, today or tomorrow."""


def expect(answer: Answer, *statuses: int) -> Fields:
    """The answer's JSON, if it has one of these statuses."""
    if answer.status in statuses:
        return answer.json
    what = f"GitHub answered {answer.status}: {answer.message}"
    if answer.status == _CONFLICT:
        raise HostError(what)
    raise RefusedError(what, "look whether the repository still is as Ironclaw expects it")


def segment(text: str) -> str:
    """A name as a part of a path, slashes kept."""
    return quote(text, safe="/")


def _queried(answer: Answer) -> Queried:
    said = expect(answer, 200)
    errors = tuple((one.text("type"), one.text("message")) for one in said.each("errors"))
    return Queried(said.at("data"), tuple((kind, text or "no reason") for kind, text in errors))
