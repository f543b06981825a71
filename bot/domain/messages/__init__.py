"""Every word that a person reads on the host, as pure functions of the record, page by page."""

from bot.domain.messages.outcomes import revert_body, watch_comment, watch_table
from bot.domain.messages.pull_request import commit_message, pull_request_body, title
from bot.domain.messages.text import code, fenced, plain, plain_lines, prose

__all__ = [
    "code",
    "commit_message",
    "fenced",
    "plain",
    "plain_lines",
    "prose",
    "pull_request_body",
    "revert_body",
    "title",
    "watch_comment",
    "watch_table",
]
