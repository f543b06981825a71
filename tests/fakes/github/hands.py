"""What people and machines do to a repository beside us."""

from typing import Any

from tests.fakes.github.acts import branches, checks, deployments, merging, pulls
from tests.fakes.github.acts import issues as issue_acts
from tests.fakes.github.git.repository import Contents
from tests.fakes.github.hub import Hub
from tests.fakes.github.state import (
    App,
    CheckRun,
    Comment,
    Deployment,
    Issue,
    Job,
    Repository,
    Rules,
)


class Hands:
    """People's hands: everything here is done by somebody else than the app."""

    hub: Hub

    def push(
        self,
        full_name: str,
        branch: str,
        files: Contents,
        *,
        author: str = "ada",
        message: str = "",
    ) -> str:
        """A person commits on a branch, making it if needed; None removes a file."""
        with self.hub.lock:
            who = self.hub.people.get(author)
            return branches.push(self.hub, self._repo(full_name), branch, files, who, message).sha

    def delete_branch(self, full_name: str, branch: str, *, author: str = "ada") -> None:
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(author)
            with self.hub.effect("ref deletion", repo, who, ref=branch):
                branches.move(self.hub, repo, branch, repo.git.head(branch), None, who)

    def reset_branch(self, full_name: str, branch: str, sha: str, *, author: str = "ada") -> None:
        """A person forces a branch to another commit."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(author)
            old = repo.git.head(branch)
            with self.hub.effect("push", repo, who, branch=branch, sha=sha):
                branches.move(self.hub, repo, branch, old, sha, who, forced=True)

    def open_pull(
        self,
        full_name: str,
        branch: str,
        *,
        title: str = "A change",
        body: str = "",
        base: str = "",
        author: str = "ada",
        draft: bool = False,
    ) -> int:
        """A person opens a pull request."""
        with self.hub.lock:
            repo = self._repo(full_name)
            made = pulls.create(
                self.hub,
                repo,
                self.hub.people.get(author),
                title=title,
                head=branch,
                base=base or repo.default_branch,
                body=body,
                draft=draft,
            )
            return made.number

    def review(
        self, full_name: str, number: int, login: str, state: str = "APPROVED", body: str = ""
    ) -> int:
        """A person reviews the head: APPROVED, CHANGES_REQUESTED, COMMENTED or DISMISSED."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            who = self.hub.people.get(login)
            return pulls.review(self.hub, repo, issue, who, state, body).id

    def comment(self, full_name: str, number: int, login: str, text: str) -> int:
        """A person comments; gives the comment's id."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            return issue_acts.comment(self.hub, repo, issue, self.hub.people.get(login), text).id

    def edit_comment(self, full_name: str, id: int, login: str, text: str) -> None:
        with self.hub.lock:
            repo, issue, one = self._comment(full_name, id)
            issue_acts.edit_comment(self.hub, repo, issue, one, self.hub.people.get(login), text)

    def delete_comment(self, full_name: str, id: int, login: str = "ada") -> None:
        with self.hub.lock:
            repo, issue, one = self._comment(full_name, id)
            issue_acts.delete_comment(self.hub, repo, issue, one, self.hub.people.get(login))

    def react(
        self, full_name: str, number: int, login: str, content: str, *, comment: int = 0
    ) -> None:
        """A person reacts to an issue or pull request, or to one of its comments."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            target = self._comment(full_name, comment)[2] if comment else issue
            issue_acts.react(self.hub, repo, target, self.hub.people.get(login), content)

    def label(
        self, full_name: str, number: int, name: str, *, on: bool = True, author: str = "ada"
    ) -> None:
        """A person puts a label on, or takes it off."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            who = self.hub.people.get(author)
            if on:
                issue_acts.add_labels(self.hub, repo, issue, who, [name])
            else:
                issue_acts.remove_label(self.hub, repo, issue, who, name)

    def edit(self, full_name: str, number: int, *, login: str = "ada", **values: str) -> None:
        """A person changes title, body or state of an issue or pull request."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            issue_acts.update(self.hub, repo, issue, self.hub.people.get(login), values)

    def close(self, full_name: str, number: int, login: str = "ada") -> None:
        self.edit(full_name, number, login=login, state="closed")

    def reopen(self, full_name: str, number: int, login: str = "ada") -> None:
        self.edit(full_name, number, login=login, state="open")

    def open_issue(self, full_name: str, title: str, body: str = "", author: str = "ada") -> int:
        with self.hub.lock:
            who = self.hub.people.get(author)
            return issue_acts.create(self.hub, self._repo(full_name), who, title, body).number

    def set_draft(self, full_name: str, number: int, *, draft: bool, login: str = "ada") -> None:
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            pulls.set_draft(self.hub, repo, issue, self.hub.people.get(login), draft=draft)

    def merge_as_person(
        self, full_name: str, number: int, login: str = "ada", method: str = "merge"
    ) -> str:
        """A person presses the button, past every rule; gives the merge's commit."""
        with self.hub.lock:
            repo, issue = self._issue(full_name, number)
            who = self.hub.people.get(login)
            return merging.finish(self.hub, repo, issue, who, method=method)

    def set_required_checks(
        self,
        full_name: str,
        *checks: str | tuple[str, int],
        branch: str = "",
        approvals: int = 0,
        strict: bool = False,
        merge_queue: bool = False,
        ruleset: bool = True,
    ) -> None:
        """What a branch asks for before a merge: names, or names with the app's number."""
        with self.hub.lock:
            repo = self._repo(full_name)
            listed: list[tuple[str, int | None]] = [
                (one, None) if isinstance(one, str) else one for one in checks
            ]
            made = Rules(listed, strict, approvals, merge_queue, ruleset)
            repo.rules[branch or repo.default_branch] = made

    def clear_rules(self, full_name: str) -> None:
        self._repo(full_name).rules.clear()

    def open_pull_from_fork(
        self,
        full_name: str,
        branch: str,
        files: Contents,
        *,
        title: str = "A change",
        author: str = "eve",
    ) -> int:
        """A stranger opens a pull request from a fork."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(author)
            return pulls.create_from_fork(self.hub, repo, who, branch, files, title).number

    def start_workflows(
        self, full_name: str, event: str, *, author: str = "ada", **said: Any
    ) -> None:
        """A schedule or a person's dispatch on the default branch; `said` is in the payload."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(author)
            branch = repo.default_branch
            sha = repo.git.head(branch)
            assert sha
            self.hub.start(Job(repo, event, branch, sha, who, payload=said))

    def set_permission(self, full_name: str, login: str, level: str) -> None:
        """Somebody's role from now on: admin, maintain, write, triage, read or none."""
        with self.hub.lock:
            self._repo(full_name).permissions[self.hub.people.get(login).login] = level

    def report_check(
        self,
        full_name: str,
        sha: str,
        name: str,
        conclusion: str | None,
        *,
        app: App | None = None,
        summary: str = "",
    ) -> CheckRun:
        """CI reports a check (GitHub Actions unless another app is named); None: it still runs."""
        with self.hub.lock:
            by = app or self.hub.actions
            values = {"status": "completed" if conclusion else "in_progress"}
            if conclusion:
                values["conclusion"] = conclusion
            repo = self._repo(full_name)
            more = {"output": {"title": name, "summary": summary}} if summary else {}
            return checks.create_run(self.hub, repo, by, by.bot, name, sha, {**values, **more})

    def rerequest_check(self, full_name: str, id: int, login: str = "ada") -> None:
        """A person presses "Re-run" on a check run of an app."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(login)
            checks.rerequest(self.hub, repo, repo.runs[id], who)

    def request_action(self, full_name: str, id: int, action: str, login: str = "ada") -> None:
        """A person presses a button of a check run."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(login)
            more = {"requested_action": {"identifier": action}}
            run = repo.runs[id]
            only = run.suite.app
            checks.changed(self.hub, repo, run, who, "requested_action", only=only, **more)

    def report_status(
        self,
        full_name: str,
        sha: str,
        context: str,
        state: str,
        *,
        login: str = "ci[bot]",
        description: str = "",
    ) -> None:
        """CI reports a commit status."""
        with self.hub.lock:
            who = self.hub.people.get(login)
            repo = self._repo(full_name)
            checks.set_status(self.hub, repo, who, sha, context, state, description or None)

    def deploy(
        self,
        full_name: str,
        sha: str = "",
        state: str = "success",
        *,
        environment: str = "production",
        description: str = "",
        login: str = "deployer[bot]",
    ) -> Deployment:
        """A machine deploys a commit (the default branch's head), which ends in this state."""
        with self.hub.lock:
            repo, who = self._repo(full_name), self.hub.people.get(login)
            ref = sha or repo.default_branch
            made = deployments.create(self.hub, repo, who, ref, {"environment": environment})
            if state:
                self.set_deployment_state(full_name, made, state, description=description)
            return made

    def set_deployment_state(
        self, full_name: str, of: Deployment, state: str, *, description: str = ""
    ) -> None:
        with self.hub.lock:
            repo, values = self._repo(full_name), {"description": description}
            deployments.set_state(self.hub, repo, of, of.by, state, values)

    def rename_repository(self, full_name: str, name: str, author: str = "ada") -> None:
        """Give a repository another name; the old one leads nowhere here."""
        with self.hub.lock:
            repo = self.hub.repositories.pop(full_name.lower())
            old, repo.name = repo.name, name
            self.hub.repositories[repo.full_name.lower()] = repo
            changes = {"repository": {"name": {"from": old}}}
            who = self.hub.people.get(author)
            self.hub.emit("repository", repo, who, action="renamed", changes=changes)

    def archive_repository(self, full_name: str, author: str = "ada") -> None:
        with self.hub.lock:
            repo = self._repo(full_name)
            repo.archived = True
            self.hub.emit("repository", repo, self.hub.people.get(author), action="archived")

    def delete_repository(self, full_name: str, author: str = "ada") -> None:
        with self.hub.lock:
            repo = self._repo(full_name)
            self.hub.emit("repository", repo, self.hub.people.get(author), action="deleted")
            self.hub.repositories.pop(full_name.lower())

    def person_token(self, login: str) -> str:
        """A token with which a person uses the API."""
        return f"person-{self.hub.people.get(login).login}"

    def _repo(self, full_name: str) -> Repository:
        return self.hub.repositories[full_name.lower()]

    def _issue(self, full_name: str, number: int) -> tuple[Repository, Issue]:
        repo = self._repo(full_name)
        return repo, repo.issues[number]

    def _comment(self, full_name: str, id: int) -> tuple[Repository, Issue, Comment]:
        repo = self._repo(full_name)
        for issue in repo.issues.values():
            for one in issue.comments:
                if one.id == id:
                    return repo, issue, one
        raise KeyError(id)
