"""Who has edited a text last; REST tells only that somebody has."""

from collections.abc import Mapping, Sequence

from bot.adapters.github.client import Access
from bot.adapters.github.fields import Fields

_EDITORS = """
query($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on IssueComment { id lastEditedAt editor { __typename login } }
    ... on Issue { id lastEditedAt editor { __typename login } }
  }
}
"""
_AT_ONCE = 100
_GHOST = "ghost"
"""As GitHub shows an account that is gone."""


async def read_editors(access: Access, node_ids: Sequence[str]) -> Mapping[str, str]:
    """The last editor's login by node id, of those texts that were edited."""
    editors: dict[str, str] = {}
    for start in range(0, len(node_ids), _AT_ONCE):
        ids = node_ids[start : start + _AT_ONCE]
        found = (await access.query(_EDITORS, ids=list(ids))).expect()
        editors.update(
            (node.text("id"), _login(node.at("editor")))
            for node in found.each("nodes")
            if node.text("lastEditedAt")
        )
    return editors


def _login(editor: Fields) -> str:
    """GraphQL leaves the ending off that REST gives a bot's login."""
    login = editor.text("login") or _GHOST
    is_bare_bot = editor.text("__typename") == "Bot" and not login.endswith("[bot]")
    return f"{login}[bot]" if is_bare_bot else login
