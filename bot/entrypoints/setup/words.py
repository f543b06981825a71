"""What `ironclaw setup` says at its end, for people and for programs; never a secret."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.adapters.github.app import NewApp
from bot.domain.messages import plain_lines
from bot.entrypoints.setup.check import Report
from bot.entrypoints.setup.page import install_address
from bot.entrypoints.web.webhook import PATH as WEBHOOK_PATH


def made_document(made: NewApp, file: Path, public: str) -> dict[str, Any]:
    """The App that was made."""
    return {
        "app_id": made.id,
        "slug": made.slug,
        "url": made.url,
        "install_url": install_address(made),
        "env_file": str(file),
        "webhook": f"{public}{WEBHOOK_PATH}" if public else None,
    }


def made_words(made: NewApp, file: Path, public: str) -> str:
    """The App that was made, and what to do next."""
    lines = [
        f"The App {made.slug} is made; {file} has what it needs.",
        f"Choose its repositories at {install_address(made)}",
    ]
    if not public:
        lines.append(
            "GitHub sends it nothing yet: in the App's settings, set the webhook's address "
            f"(https://...{WEBHOOK_PATH}) and make it active."
        )
    if file != Path.cwd() / ".env":
        lines.append(
            "Ironclaw reads `.env` in the folder in which it is started; if it is started "
            "elsewhere, put these variables into its environment."
        )
    lines.append("Then: `ironclaw setup --check` and `ironclaw serve`.")
    return plain_lines("\n".join(lines))


def report_document(report: Report) -> dict[str, Any]:
    """What the check found."""
    return asdict(report)


def report_words(report: Report) -> str:
    """What the check found, in sentences."""
    lines = []
    if report.slug:
        accounts = ", ".join(report.accounts) or "no account"
        lines.append(f"The App {report.slug} ({report.app_id}) is installed on {accounts}.")
    for one in (*report.problems, *report.notes):
        lines += [f"- {one.what}", f"  {one.remedy}"]
    lines.append("Something is missing." if report.problems else "Nothing is missing.")
    return plain_lines("\n".join(lines))
