"""Making repositories and apps, and what their owners do with installations."""

import secrets
from collections.abc import Mapping
from typing import Any

from tests.fakes.github import keys
from tests.fakes.github.acts import branches
from tests.fakes.github.git import GitRepository
from tests.fakes.github.hub import Hub
from tests.fakes.github.shapes import apps as shapes
from tests.fakes.github.shapes import basic, repositories
from tests.fakes.github.state import App, Installation, Repository

PERMISSIONS = {
    "actions": "read",
    "administration": "read",
    "checks": "write",
    "contents": "write",
    "deployments": "read",
    "issues": "write",
    "merge_queues": "write",
    "metadata": "read",
    "pull_requests": "write",
    "statuses": "read",
}
EVENTS = [
    "check_run",
    "check_suite",
    "deployment",
    "deployment_status",
    "issue_comment",
    "issues",
    "merge_group",
    "pull_request",
    "pull_request_review",
    "push",
    "repository",
    "status",
    "workflow_run",
]


class Installing:
    """The owners' hands."""

    hub: Hub
    app: App

    @property
    def app_id(self) -> int:
        return self.app.id

    @property
    def client_id(self) -> str:
        return self.app.client_id

    @property
    def private_key(self) -> str:
        return keys.key_pair()[0]

    @property
    def webhook_secret(self) -> str:
        return self.app.webhook_secret

    @property
    def bot(self) -> str:
        """The login that the app's own doings carry."""
        return self.app.bot.login

    def make_app(self, slug: str, permissions: Mapping[str, str] | None = None) -> App:
        """Another app; all of them share one key."""
        hub = self.hub
        made = App(
            hub.next_id(),
            slug,
            slug.capitalize(),
            f"Iv23li{secrets.token_hex(7)}",
            hub.people.get("octo", "Organization"),
            hub.people.get(f"{slug}[bot]"),
            hub.now(),
            dict(PERMISSIONS if permissions is None else permissions),
            list(EVENTS),
            keys.key_pair()[1],
            secrets.token_hex(20),
            client_secret=secrets.token_hex(20),
        )
        hub.apps[made.id] = made
        return made

    def create_repository(
        self,
        full_name: str,
        files: Mapping[str, str | bytes],
        *,
        installed: bool = True,
        private: bool = False,
        default_branch: str = "main",
        author: str = "ada",
    ) -> Repository:
        """A repository with one commit, and the app on it."""
        hub = self.hub
        owner, _, name = full_name.partition("/")
        with hub.lock:
            id = hub.next_id()
            git = GitRepository(hub.folder / "repositories" / f"{id}.git", default_branch)
            now = hub.now()
            account = hub.people.get(owner, "Organization")
            made = Repository(id, account, name, default_branch, git, now, now, private)
            who = hub.people.get(author)
            made.permissions[who.login] = "admin"
            hub.repositories[full_name.lower()] = made
            branches.push(hub, made, default_branch, dict(files), who, "Begin")
            if installed:
                self.install(full_name)
        return made

    def sign_in_at(self, address: str) -> None:
        """Let the app send people back to this address alone."""
        self.app.callback_urls = [address]

    def at_browser(self, login: str | None) -> None:
        """Who sits at the browser and agrees to sign in; None does not agree."""
        self.hub.at_browser = login

    def take_back_tokens(self, login: str) -> None:
        """A person takes back every token of theirs."""
        tokens = self.hub.user_tokens
        for text in [text for text, one in tokens.items() if one.person.login == login]:
            del tokens[text]

    def install(self, full_name: str, app: App | None = None) -> Installation:
        """Put an app on a repository; the account's installation is made if needed."""
        hub, one = self.hub, app or self.app
        with hub.lock:
            repo = hub.repositories[full_name.lower()]
            found = self._installation_on(repo, one)
            if found is not None:
                found.repositories.add(repo.id)
                added, removed = [repo], list[Repository]()
                self._tell_of_repositories(found, "added", added, removed)
                return found
            made = Installation(
                hub.next_id(), one, repo.owner, hub.now(), dict(one.permissions), {repo.id}
            )
            hub.installations[made.id] = made
            self._tell(made, "created", repositories=[_short(repo)], requester=None)
            return made

    def uninstall(self, full_name: str) -> None:
        """Take the repository out of the installation."""
        with self.hub.lock:
            repo = self.hub.repositories[full_name.lower()]
            found = self.installation(full_name)
            found.repositories.discard(repo.id)
            self._tell_of_repositories(found, "removed", [], [repo])

    def installation(self, full_name: str, app: App | None = None) -> Installation:
        """The installation that sees a repository."""
        repo = self.hub.repositories[full_name.lower()]
        mine = app or self.app
        return next(one for one in self.hub.installed(repo) if one.app is mine)

    def suspend_installation(self, full_name: str, *, on: bool = True) -> None:
        with self.hub.lock:
            found = self.installation(full_name)
            found.suspended_at = self.hub.now() if on else None
            self._tell(found, "suspend" if on else "unsuspend")

    def delete_installation(self, full_name: str) -> None:
        with self.hub.lock:
            found = self.installation(full_name)
            found.deleted = True
            self._tell(found, "deleted", repositories=[])

    def grant(self, full_name: str, **permissions: str) -> None:
        """Change what the installation may do; `none` takes one away."""
        with self.hub.lock:
            found = self.installation(full_name)
            found.permissions.update(permissions)
            found.app.permissions.update(permissions)
            for name in [name for name, level in found.permissions.items() if level == "none"]:
                found.permissions.pop(name)
                found.app.permissions.pop(name)
            self._tell(found, "new_permissions_accepted")

    def expire_tokens(self) -> None:
        """Every token that was given out ends now."""
        with self.hub.lock:
            for token in self.hub.tokens.values():
                token.expires_at = self.hub.now()

    def offer_manifest(self, code: str) -> dict[str, Any]:
        """What the conversion of this code will answer, once."""
        private, _ = keys.key_pair()
        made = {
            **basic.app(self.hub.web, self.app),
            "client_secret": secrets.token_hex(20),
            "webhook_secret": self.app.webhook_secret,
            "pem": private,
        }
        self.hub.manifests[code] = made
        return made

    def _installation_on(self, repo: Repository, app: App) -> Installation | None:
        for one in self.hub.installations.values():
            if one.app is app and one.account is repo.owner and not one.deleted:
                return one
        return None

    def _tell(self, one: Installation, action: str, **more: Any) -> None:
        web = self.hub.web
        body = {
            "action": action,
            "installation": shapes.installation(web, one),
            "sender": basic.shown_person(web, one.account),
            **more,
        }
        self.hub.tell("installation", one, body)

    def _tell_of_repositories(
        self,
        one: Installation,
        action: str,
        added: list[Repository],
        removed: list[Repository],
    ) -> None:
        web = self.hub.web
        body = {
            "action": action,
            "installation": shapes.installation(web, one),
            "repository_selection": "selected",
            "repositories_added": [_short(repo) for repo in added],
            "repositories_removed": [_short(repo) for repo in removed],
            "requester": None,
            "sender": basic.shown_person(web, one.account),
        }
        self.hub.tell("installation_repositories", one, body)


def _short(repo: Repository) -> dict[str, Any]:
    shown = repositories.simple("", repo)
    return {name: shown[name] for name in ("id", "node_id", "name", "full_name", "private")}
