"""Serves the dashboard: who looks, whether they may, what is shown, and what they ask for."""

import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final, TypeVar

from flask import Flask, Response, g, redirect, request, send_file
from werkzeug.exceptions import HTTPException

from bot.adapters.failures import log_failure
from bot.domain.asked import why_not_now
from bot.entrypoints.web.dashboard import rendering
from bot.entrypoints.web.dashboard.acts import (
    ACTS,
    QUESTIONS,
    Act,
    Question,
    Whole,
    set_whole,
    standing,
    wish_for,
)
from bot.entrypoints.web.dashboard.look import Look, PageOf, Shown, Sources
from bot.entrypoints.web.dashboard.pages import PAGES
from bot.entrypoints.web.dashboard.pages.improvements import UNKNOWN, known
from bot.entrypoints.web.dashboard.sealing import Seal
from bot.entrypoints.web.dashboard.visitors import Door, SignInDoor, Stranger, Visitor
from bot.entrypoints.web.loop import SharedLoop
from bot.entrypoints.web.problems import Problem
from bot.ports import HostError

log = logging.getLogger("ironclaw.web")
Answer = TypeVar("Answer")

_SECONDS: Final = 60.0
_ASSETS: Final = ("style.css", "live.js", "icon.svg")
_ELSEWHERE: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "This form was not sent from the dashboard: open the page there and use its button.",
)
_MAY_NOT: Final = Problem(
    HTTPStatus.FORBIDDEN,
    "GitHub says that you may not write to this repository now: ask somebody who may.",
)
_NO_REPOSITORY: Final = Problem(
    HTTPStatus.NOT_FOUND, "There is no such repository, or you may not see it."
)
_NOT_NOW: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE, "The records cannot be read now: try again in a minute."
)
_SILENT: Final = Problem(
    HTTPStatus.SERVICE_UNAVAILABLE,
    "GitHub does not say now whether you may do this: nothing was done, try again in a minute.",
)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The routes of every page and action."""

    door: Door
    seal: Seal
    sources: Sources
    loop: SharedLoop

    def add_to(self, app: Flask) -> None:
        """Put them into the application."""
        for one in PAGES:

            def show(one: PageOf = one, **path: str) -> Response:
                return self._guarded(lambda visitor: self._page(visitor, one, path))

            app.add_url_rule(one.path, f"page_{one.name.lower()}", show)
        rule = f"/improvements/<id>/<any({', '.join(ACTS)}):word>"
        app.add_url_rule(rule, "act", self._act, methods=["GET", "POST"])
        for whole in Whole:

            def turn(whole: Whole = whole) -> Response:
                return self._guarded(lambda visitor: self._whole(visitor, whole))

            app.add_url_rule(f"/{whole}", f"{whole}_repository", turn, methods=["GET", "POST"])
        app.add_url_rule("/sign-out", "sign_out", self._sign_out, methods=["POST"])
        app.add_url_rule(f"/assets/<any({', '.join(_ASSETS)}):name>", "assets", _asset)

    def _guarded(self, then: Callable[[Visitor], Response]) -> Response:
        """Only for somebody who may look; nothing else of the request is looked at before."""
        try:
            visitor = self._run(self.door.visitor())
            if isinstance(visitor, Problem):
                return rendering.failure(visitor)
            if isinstance(visitor, Stranger):
                return _asked_in(visitor)
            g.caller = visitor.viewer.login or "operator"
            if request.method == "POST" and request.headers.get("Origin") != self.door.origin():
                return self._failure(visitor, _ELSEWHERE)
            return then(visitor)
        except HTTPException:
            raise
        except HostError as error:
            log_failure(log, f"{request.path} needs GitHub", error)
            return rendering.failure(_SILENT)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, whatever it is
            log_failure(log, f"{request.path} is not shown", error)
            return rendering.failure(_NOT_NOW)

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self.loop.run(work, _SECONDS)

    def _page(self, visitor: Visitor, one: PageOf, path: dict[str, str]) -> Response:
        look = self._run(self._look(visitor, path))
        if look is None:
            return self._failure(visitor, _NO_REPOSITORY)
        if not look.repository and one.in_navigation:
            shown: Shown | Problem = Shown("nothing.html", "Welcome")
        else:
            shown = self._run(one.draw(look))
        if isinstance(shown, Problem):
            return self._failure(visitor, shown, look)
        return self._shown(visitor, look, shown, live=True, here=one.path)

    def _act(self, id: str, word: str) -> Response:
        return self._guarded(lambda visitor: self._acted(visitor, id, ACTS[word]))

    def _acted(self, visitor: Visitor, id: str, act: Act) -> Response:
        look = self._run(self._look(visitor, {"id": id}))
        found = self._run(known(look, id)) if look else None
        if look is None or found is None:
            return self._failure(visitor, UNKNOWN)
        refused = why_not_now(act.wish, found, found.head_sha)
        if refused:
            return self._failure(visitor, Problem(HTTPStatus.CONFLICT, refused), look)
        if request.method == "GET":
            question = self._question(visitor, act.word, found.id, standing(found), look.now)
            values = {"act": act, "one": found, "question": question}
            shown = Shown("confirm.html", f"{act.name}?", values | self._proof(question))
            return self._shown(visitor, look, shown)
        refusal = self._refusal(visitor, act.word, found.id, standing(found), found.repository)
        if refusal is not None:
            return self._failure(visitor, refusal, look)
        proof = request.form["mark"]
        wish = wish_for(self.sources.engine, visitor.viewer, act, found, proof, look.now)
        self._run(wish)
        return _see(f"/improvements/{found.id}")

    def _whole(self, visitor: Visitor, whole: Whole) -> Response:
        look = self._run(self._look(visitor, {}))
        if look is None or not look.repository:
            return self._failure(visitor, _NO_REPOSITORY)
        if request.method == "GET":
            question = self._question(visitor, whole, look.repository, "", look.now)
            values = {"whole": whole, "asked": QUESTIONS[whole]} | self._proof(question)
            title = f"{whole.capitalize()} {look.repository}?"
            return self._shown(visitor, look, Shown("confirm_whole.html", title, values))
        refusal = self._refusal(visitor, whole, look.repository, "", look.repository)
        if refusal is not None:
            return self._failure(visitor, refusal, look)
        turned = set_whole(self.sources.engine, visitor.viewer, whole, look.repository, look.now)
        self._run(turned)
        return _see(look.link("/"))

    def _sign_out(self) -> Response:
        return self._guarded(self._signed_out)

    def _signed_out(self, visitor: Visitor) -> Response:
        if not self.seal.is_mark(request.form.get("mark", ""), visitor.key, "sign-out"):
            return self._failure(visitor, _ELSEWHERE)
        answer = _see("/")
        if isinstance(self.door, SignInDoor):
            self._run(self.door.end())
            self.door.put("session", "", 0, answer)
        return answer

    async def _look(self, visitor: Visitor, path: dict[str, str]) -> Look | None:
        """What is looked at; None for a repository that is not there for this viewer."""
        names = tuple(await self.sources.overview.repositories(visitor.viewer))
        wanted = (request.form if request.method == "POST" else request.args).get("repository", "")
        same = [name for name in names if name.lower() == wanted.lower()]
        if wanted and not same:
            return None
        chosen = same[0] if same else next(iter(names), "")
        now = datetime.now(UTC)
        query = request.args.to_dict()
        return Look(visitor.viewer, self.sources, chosen, names, now, query, path)

    def _question(
        self, visitor: Visitor, word: str, subject: str, stands: str, now: datetime
    ) -> Question:
        return Question(visitor.key, word, subject, stands, int(now.timestamp()))

    def _proof(self, question: Question) -> dict[str, Any]:
        return {"mark": question.mark(self.seal), "at": question.at}

    def _refusal(
        self, visitor: Visitor, word: str, subject: str, stands: str, repository: str
    ) -> Problem | None:
        """Why an answer to a question does not count: not theirs, too old, or not allowed now."""
        at = 0
        with suppress(ValueError):
            at = int(request.form.get("at", "0")[:20])
        question = Question(visitor.key, word, subject, stands, at)
        why = question.why_not(request.form.get("mark", ""), self.seal, datetime.now(UTC))
        if why:
            return Problem(HTTPStatus.CONFLICT, f"{why} Open the page again and look.")
        may = self._run(self.door.may_change(visitor, repository))
        return None if may else _MAY_NOT

    def _shown(
        self, visitor: Visitor, look: Look, shown: Shown, *, live: bool = False, here: str = ""
    ) -> Response:
        frame = self._frame(visitor, look) | {"title": shown.title, "live": live, "here": here}
        return rendering.page(shown.template, **(frame | dict(shown.values)))

    def _failure(self, visitor: Visitor, problem: Problem, look: Look | None = None) -> Response:
        return rendering.failure(problem, **self._frame(visitor, look))

    def _frame(self, visitor: Visitor, look: Look | None) -> dict[str, Any]:
        """What stands around every page."""
        linked = look.link if look is not None and look.repository else lambda path: path
        return {
            "viewer": visitor.viewer,
            "may_change": look is not None and visitor.viewer.may_change(look.repository),
            "repository": look.repository if look else "",
            "repositories": look.repositories if look else (),
            "pages": [(one.path, one.name, linked(one.path)) for one in PAGES if one.in_navigation],
            "link": linked,
            "can_sign_out": isinstance(self.door, SignInDoor),
            "sign_out_mark": self.seal.mark(visitor.key, "sign-out"),
        }


def _asked_in(stranger: Stranger) -> Response:
    """The page that says how to come in."""
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    status = HTTPStatus.UNAUTHORIZED
    return rendering.page("sign_in.html", status, why=stranger.why, back=back)


def _see(address: str) -> Response:
    answer = redirect(address, HTTPStatus.SEE_OTHER)
    assert isinstance(answer, Response)  # noqa: S101 - narrows what the library types too widely
    return answer


def _asset(name: str) -> Response:
    answer = send_file(rendering.asset(name), conditional=True, etag=True)
    answer.headers["Cache-Control"] = "public, no-cache"
    return answer
