"""The stops of the tour, in their order; each leaves the fake as the next one likes it."""

import time
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

from tests.contracts.tour import CI, PULL, Tour
from tests.fakes.github.clients import REPO


def apps(tour: Tour) -> None:
    """Be the app, look at it, become its installation."""
    fake, now = tour.fake, int(time.time())
    fake.grant(REPO, deployments="write", statuses="write")
    claims = {"iss": str(fake.app_id), "iat": now - 60, "exp": now + 500}
    tour.be(jwt.encode(claims, fake.private_key, "RS256"))
    id = fake.installation(REPO).id
    tour.call("GET", "/app")
    tour.call("GET", "/app/hook/config")
    tour.call("GET", "/app/installations")
    tour.call("GET", f"/app/installations/{id}")
    tour.call("GET", "/app/installations/1")
    tour.at("GET", "/installation")
    fake.offer_manifest("once")
    tour.call("POST", "/app-manifests/once/conversions")
    tour.call("POST", "/app-manifests/once/conversions")
    given = {"repositories": ["shop"], "permissions": {"contents": "read"}}
    narrow = tour.call("POST", f"/app/installations/{id}/access_tokens", **given)
    whole = tour.call("POST", f"/app/installations/{id}/access_tokens")
    tour.be(narrow["token"])
    tour.at("GET", "/contents/app.py")
    tour.at("POST", "/issues", title="Not allowed")
    tour.call("DELETE", "/installation/token")
    tour.at("GET", "/contents/app.py")
    tour.be(whole["token"])


def people(tour: Tour) -> None:
    """Let a person sign in, and look at what they may see."""
    fake, whole = tour.fake, tour.token
    back = "https://ironclaw.example.org/signed-in"
    fake.sign_in_at(back)
    tour.be("")
    asked = urlencode({"client_id": fake.client_id, "redirect_uri": back, "state": "s"})
    sent = tour.sent_to(f"/login/oauth/authorize?{asked}")
    code = parse_qs(urlsplit(sent).query)["code"][0]
    given = {"client_id": fake.client_id, "client_secret": fake.app.client_secret, "code": code}
    made = tour.call("POST", "/login/oauth/access_token", **given)
    tour.call("POST", "/login/oauth/access_token", **given)
    tour.be(made["access_token"])
    tour.call("GET", "/user")
    tour.call("GET", "/user/installations")
    tour.call("GET", f"/user/installations/{fake.installation(REPO).id}/repositories")
    tour.call("GET", "/user/installations/1/repositories")
    tour.at("GET", "")
    fake.take_back_tokens("ada")
    tour.call("GET", "/user")
    tour.be(whole)


def repositories(tour: Tour) -> None:
    """Look at the repository, its people and its rules."""
    fake = tour.fake
    fake.set_permission(REPO, "bob", "write")
    tour.call("GET", "/users/ironclaw%5Bbot%5D")
    tour.call("GET", "/users/nobody")
    tour.call("GET", "/installation/repositories")
    tour.call("GET", "/rate_limit")
    tour.call("GET", "/meta")
    tour.at("GET", "")
    tour.call("GET", "/repos/octo/none")
    for login in ("ada", "bob", "nobody"):
        tour.at("GET", f"/collaborators/{login}/permission")
    fake.set_required_checks(REPO, "tests", approvals=1, merge_queue=True)
    tour.at("GET", "/rules/branches/main")
    fake.set_required_checks(REPO, "tests", ("lint", 15368), ruleset=False)
    tour.at("GET", "/rules/branches/main")
    tour.at("GET", "/branches")
    tour.at("GET", "/branches/main")
    tour.at("GET", "/branches/none")
    tour.at("GET", "/branches/main/protection/required_status_checks")
    fake.clear_rules(REPO)
    tour.at("GET", "/branches/main/protection/required_status_checks")


def git(tour: Tour) -> None:
    """Use the git data API, and read what it gives elsewhere."""
    head = tour.at("GET", "/git/ref/heads/main")["object"]["sha"]
    tour.at("GET", "/git/ref/heads/none")
    tour.at("GET", "/git/matching-refs/heads/m")
    tree = tour.at("GET", f"/git/commits/{head}")["tree"]["sha"]
    tour.at("GET", f"/git/trees/{tree}?recursive=1")
    blob = tour.at("POST", "/git/blobs", content="eSA9IDEK", encoding="base64")["sha"]
    tour.at("GET", f"/git/blobs/{blob}")
    entry = {"path": "lib/new.py", "mode": "100755", "type": "blob", "sha": blob}
    made = tour.at("POST", "/git/trees", base_tree=tree, tree=[entry])["sha"]
    sha = tour.at("POST", "/git/commits", message="By hand", tree=made, parents=[head])["sha"]
    tour.at("POST", "/git/refs", ref="refs/heads/by-hand", sha=head)
    tour.at("POST", "/git/refs", ref="refs/heads/by-hand", sha=head)
    tour.at("PATCH", "/git/refs/heads/by-hand", sha=sha)
    tour.at("PATCH", "/git/refs/heads/by-hand", sha=head)
    tour.at("GET", "/commits?sha=by-hand&per_page=1")
    tour.at("GET", "/commits?sha=by-hand&per_page=1&page=2")
    tour.at("GET", f"/commits/{sha}")
    tour.at("GET", f"/commits/{'0' * 40}")
    tour.at("GET", "/compare/main...by-hand")
    tour.at("GET", f"/compare/{sha}...{head}")
    tour.at("GET", "/contents/lib/new.py?ref=by-hand")
    tour.at("GET", "/contents/lib?ref=by-hand")
    tour.at("GET", "/contents/none.py")
    tour.at("GET", f"/tarball/{sha}")
    tour.at("DELETE", "/git/refs/heads/by-hand")


def issues(tour: Tour) -> None:
    """Talk: issues, comments, labels, reactions."""
    number = tour.at("POST", "/issues", title="Dashboard", body="- [ ] one", labels=["ironclaw"])[
        "number"
    ]
    tour.at("GET", f"/issues/{number}")
    tour.at("GET", "/issues/99")
    tour.at("PATCH", f"/issues/{number}", body="- [x] one")
    tour.at("GET", "/issues?labels=ironclaw&creator=ironclaw[bot]&state=all")
    tour.at("POST", "/labels", name="hold", color="ff0000", description="A person holds it")
    tour.at("POST", "/labels", name="hold", color="ff0000")
    tour.at("GET", "/labels")
    tour.at("GET", "/labels/hold")
    tour.at("POST", f"/issues/{number}/labels", labels=["hold"])
    tour.at("GET", f"/issues/{number}/labels")
    tour.at("DELETE", f"/issues/{number}/labels/hold")
    id = tour.at("POST", f"/issues/{number}/comments", body="Hello")["id"]
    tour.at("POST", f"/issues/{number}/comments", body="x" * 65_537)
    tour.at("PATCH", f"/issues/comments/{id}", body="Hello again")
    tour.at("GET", f"/issues/comments/{id}")
    tour.at("GET", "/issues/comments")
    tour.at("GET", f"/issues/{number}/comments?since=2020-01-01T00:00:00Z")
    tour.at("POST", f"/issues/comments/{id}/reactions", content="eyes")
    tour.at("GET", f"/issues/comments/{id}/reactions")
    tour.at("POST", f"/issues/{number}/reactions", content="+1")
    tour.at("GET", f"/issues/{number}/reactions")
    tour.at("DELETE", f"/issues/comments/{id}")
    tour.at("PATCH", f"/issues/{number}", state="closed")
    tour.fake.edit(REPO, number, title="Another title")
    tour.fake.reopen(REPO, number)


def pulls(tour: Tour) -> None:
    """Open a pull request, check it, review it, merge it, revert it."""
    fake = tour.fake
    fake.push(REPO, "main", {".github/workflows/ci.yml": CI})
    sha = tour.commit("ironclaw/one", {"app.py": "x = 2\n"})
    given = {"title": "Faster", "head": "ironclaw/one", "base": "main", "body": "It was slow."}
    made = tour.at("POST", "/pulls", **given)
    tour.at("POST", "/pulls", **given)
    number, id = made["number"], made["node_id"]
    fake.run_workflows()
    _checks(tour, sha)
    tour.at("GET", f"/pulls/{number}")
    tour.at("GET", "/pulls?state=all&head=octo:ironclaw/one")
    tour.at("PATCH", f"/pulls/{number}", title="Much faster")
    tour.at("GET", f"/pulls/{number}/files")
    tour.at("GET", f"/pulls/{number}/commits")
    tour.at("GET", f"/pulls/{number}/requested_reviewers")
    tour.at("POST", f"/pulls/{number}/reviews", event="COMMENT", body="Look here")
    fake.review(REPO, number, "bob", "CHANGES_REQUESTED", "No")
    fake.review(REPO, number, "bob")
    tour.at("GET", f"/pulls/{number}/reviews")
    fake.label(REPO, number, "hold")
    fake.label(REPO, number, "hold", on=False)
    _talk(tour, number)
    fake.push(REPO, "main", {"other.txt": "1\n"})
    tour.at("PUT", f"/pulls/{number}/update-branch", expected_head_sha="0" * 40)
    tour.at("PUT", f"/pulls/{number}/update-branch", expected_head_sha=sha)
    head = tour.at("GET", f"/pulls/{number}")["head"]["sha"]
    tour.at("GET", f"/pulls/{number}/merge")
    tour.at("PUT", f"/pulls/{number}/merge", sha=sha)
    merge = tour.at("PUT", f"/pulls/{number}/merge", sha=head)["sha"]
    tour.at("PUT", f"/pulls/{number}/merge", sha=head)
    tour.at("GET", f"/pulls/{number}/merge")
    tour.at("GET", f"/commits/{merge}/pulls")
    _draft(tour, id)
    back = tour.mutate(
        "revertPullRequest",
        f"pullRequest {{ id }} revertPullRequest {{ {PULL} }}",
        pullRequestId=id,
    )
    second = back["revertPullRequest"]
    tour.mutate("mergePullRequest", f"pullRequest {{ {PULL} }}", pullRequestId=second["id"])


def _checks(tour: Tour, sha: str) -> None:
    output = {"title": "Waits", "summary": "It waits for the tests."}
    note = {
        "path": "app.py",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "notice",
        "message": "here",
    }
    run = tour.at(
        "POST",
        "/check-runs",
        name="ironclaw",
        head_sha=sha,
        status="in_progress",
        external_id="key",
        output=output,
        actions=[{"label": "Hold", "description": "Do not merge", "identifier": "hold"}],
    )["id"]
    tour.at("PATCH", f"/check-runs/{run}", output={**output, "annotations": [note]})
    tour.at("PATCH", f"/check-runs/{run}", status="completed", conclusion="neutral", output=output)
    tour.at("GET", f"/check-runs/{run}")
    tour.at("GET", f"/check-runs/{run}/annotations")
    tour.at(
        "GET",
        f"/commits/{sha}/check-runs?check_name=ironclaw&app_id={tour.fake.app_id}&filter=latest",
    )
    tour.at("GET", f"/commits/{sha}/check-runs")
    tour.at("GET", f"/commits/{sha}/check-suites")
    tour.at("POST", f"/statuses/{sha}", state="pending", context="ours", description="soon")
    tour.fake.report_status(REPO, sha, "ci", "success")
    tour.at("GET", f"/commits/{sha}/statuses")
    tour.at("GET", f"/commits/{sha}/status")
    listed = tour.at("GET", "/actions/runs")["workflow_runs"]
    tour.at("GET", f"/actions/runs/{listed[0]['id']}")
    (kept,) = tour.at("GET", f"/actions/runs/{listed[0]['id']}/artifacts")["artifacts"]
    tour.at("GET", f"/actions/artifacts/{kept['id']}/zip")
    tour.at("GET", "/actions/artifacts/1/zip")
    tour.fake.rerequest_check(REPO, run)
    tour.fake.request_action(REPO, run, "hold")
    tour.at("POST", f"/check-runs/{run}/rerequest")


def _talk(tour: Tour, number: int) -> None:
    """A person's words, and ours through GraphQL."""
    fake = tour.fake
    id = fake.comment(REPO, number, "bob", "/ironclaw status")
    fake.edit_comment(REPO, id, "bob", "/ironclaw help")
    fake.react(REPO, number, "bob", "+1")
    found = tour.ask(f"""query {{ repository(owner: "octo", name: "shop") {{
            id pullRequest(number: {number}) {{ {PULL} }}
        }} }}""")
    subject = found["repository"]["pullRequest"]["id"]
    made = tour.mutate(
        "addComment", "commentEdge { node { id body } }", subjectId=subject, body="Old news"
    )
    tour.mutate(
        "minimizeComment",
        "minimizedComment { isMinimized minimizedReason }",
        subjectId=made["commentEdge"]["node"]["id"],
        classifier="OUTDATED",
    )
    tour.ask("query($id: ID!) { node(id: $id) { id ... on PullRequest { number } } }", id=subject)
    fake.delete_comment(REPO, id)


def _draft(tour: Tour, merged: str) -> None:
    """Another one, through draft, auto-merge and the queue."""
    fake = tour.fake
    head = tour.commit("ironclaw/two", {"lib/other.py": "a = 2\n"})
    made = tour.at("POST", "/pulls", title="Two", head="ironclaw/two", base="main", draft=True)
    id = made["node_id"]
    tour.mutate("markPullRequestReadyForReview", "pullRequest { isDraft }", pullRequestId=id)
    tour.mutate("convertPullRequestToDraft", "pullRequest { isDraft }", pullRequestId=id)
    tour.mutate("markPullRequestReadyForReview", "pullRequest { isDraft }", pullRequestId=id)
    fake.repository(REPO).allow_auto_merge = True
    fake.set_required_checks(REPO, "tests")
    wish = {"pullRequestId": id, "mergeMethod": "SQUASH", "expectedHeadOid": head}
    tour.mutate("enablePullRequestAutoMerge", f"pullRequest {{ {PULL} }}", **wish)
    tour.at("GET", f"/pulls/{made['number']}")
    tour.mutate("disablePullRequestAutoMerge", "pullRequest { id }", pullRequestId=id)
    fake.report_check(REPO, head, "tests", "success")
    tour.mutate("enablePullRequestAutoMerge", f"pullRequest {{ {PULL} }}", **wish)
    fake.set_required_checks(REPO, "tests", merge_queue=True)
    entry = "mergeQueueEntry { id position state enqueuedAt pullRequest { number } }"
    place = tour.mutate("enqueuePullRequest", entry, pullRequestId=id)
    tour.mutate("dequeuePullRequest", entry, id=id if place else merged)
    tour.mutate("enqueuePullRequest", entry, pullRequestId=id)
    fake.run_workflows()
    fake.clear_rules(REPO)
    tour.ask("{ rateLimit { cost remaining resetAt } viewer { login } }")
    tour.ask("{ viewer { nothing } }")


def deployments(tour: Tour) -> None:
    """Deploy, as a machine and as the app."""
    fake = tour.fake
    fake.deploy(REPO)
    fake.deploy(REPO, state="failure", description="no room left")
    id = tour.at("POST", "/deployments", ref="main", environment="staging", required_contexts=[])[
        "id"
    ]
    tour.at(
        "POST", f"/deployments/{id}/statuses", state="success", log_url="https://example.org/log"
    )
    tour.at("GET", "/deployments?environment=production")
    tour.at("GET", f"/deployments/{id}")
    tour.at("GET", f"/deployments/{id}/statuses")


def installations(tour: Tour) -> None:
    """What owners do."""
    fake = tour.fake
    fake.create_repository("octo/second", {"a": "1\n"}, private=True)
    fake.uninstall("octo/second")
    fake.suspend_installation(REPO)
    tour.at("GET", "")
    fake.suspend_installation(REPO, on=False)
    number = fake.open_issue(REPO, "From a person", "Hm")
    fake.close(REPO, number)
    fake.push(REPO, "feature", {"a.txt": "a\n"})
    fake.open_pull(REPO, "feature")
    fake.delete_branch(REPO, "feature")


def deliveries(tour: Tour) -> None:
    """Look at the deliveries as the app, and ask for one again."""
    fake, now = tour.fake, int(time.time())
    fake.webhooks.flush()
    claims = {"iss": fake.client_id, "iat": now - 60, "exp": now + 500}
    tour.be(jwt.encode(claims, fake.private_key, "RS256"))
    listed = tour.call("GET", "/app/hook/deliveries?per_page=5&status=failure")
    id = listed[0]["id"]
    tour.call("GET", f"/app/hook/deliveries?per_page=5&cursor=v1_{id}")
    tour.call("GET", f"/app/hook/deliveries/{id}")
    tour.call("POST", f"/app/hook/deliveries/{id}/attempts")
    fake.rename_repository(REPO, "store")
    fake.archive_repository("octo/store")
    fake.delete_installation("octo/store")


STOPS = (apps, people, repositories, git, issues, pulls, deployments, installations, deliveries)
