"""Makes a bare repository whose one commit holds a folder's files."""

import os
import subprocess
from pathlib import Path

from bot.ports import UserError

_PERSON = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "Sample"), ("EMAIL", "sample@localhost"))
}


def commit_folder(folder: Path, repository: Path) -> None:
    """Commit `folder` to branch main of a new bare repository; UserError if git fails."""
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")} | _PERSON
    surroundings |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_DIR": str(repository),
        "GIT_WORK_TREE": str(folder),
    }
    for arguments in (
        ("init", "--quiet", "--template=", "--initial-branch=main"),
        ("add", "--all"),
        ("commit", "--quiet", "--no-verify", "--message", "The shop as it stands"),
        ("config", "core.bare", "true"),
        ("config", "--unset-all", "core.worktree"),
    ):
        done = subprocess.run(
            ["git", *arguments],
            env=surroundings,
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode and "--unset-all" not in arguments:
            problem = f"git {arguments[0]} failed: {done.stderr.strip()}"
            raise UserError(problem, "Look at what git says; git 2.34 or later is needed.")
