"""Every word that a person reads on the host, as pure functions of the record, page by page."""

from bot.domain.messages.dashboard import DASHBOARD_TITLE, dashboard_body
from bot.domain.messages.held import freed_notice, held_notice, held_title
from bot.domain.messages.log import move_line, routed_line
from bot.domain.messages.onboarding import (
    ONBOARDING_COMMIT,
    ONBOARDING_TITLE,
    POLICY_FILE,
    POLICY_TITLE,
    onboarding_body,
    policy_issue,
    policy_mended,
    what_to_expect,
)
from bot.domain.messages.outcomes import gain_line, revert_body, watch_comment, watch_table
from bot.domain.messages.pull_request import commit_message, pull_request_body, title
from bot.domain.messages.replies import explain_reply, help_reply, refusal, status_reply
from bot.domain.messages.standing import status_line
from bot.domain.messages.text import code, fenced, plain, plain_lines, prose

__all__ = [
    "DASHBOARD_TITLE",
    "ONBOARDING_COMMIT",
    "ONBOARDING_TITLE",
    "POLICY_FILE",
    "POLICY_TITLE",
    "code",
    "commit_message",
    "dashboard_body",
    "explain_reply",
    "fenced",
    "freed_notice",
    "gain_line",
    "held_notice",
    "held_title",
    "help_reply",
    "move_line",
    "onboarding_body",
    "plain",
    "plain_lines",
    "policy_issue",
    "policy_mended",
    "prose",
    "pull_request_body",
    "refusal",
    "revert_body",
    "routed_line",
    "status_line",
    "status_reply",
    "title",
    "watch_comment",
    "watch_table",
    "what_to_expect",
]
