"""Ways in which a repository can make git run a program, each with what springs it."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.adapters.local.repos import git

HOOKS = (
    *("applypatch-msg", "commit-msg", "fsmonitor-watchman", "post-applypatch", "post-checkout"),
    *("post-commit", "post-index-change", "post-merge", "post-receive", "post-rewrite"),
    *("post-update", "pre-applypatch", "pre-auto-gc", "pre-commit", "pre-merge-commit"),
    *("pre-push", "pre-rebase", "pre-receive", "prepare-commit-msg", "proc-receive"),
    *("push-to-checkout", "reference-transaction", "sendemail-validate", "update"),
)
_NEW_BRANCH = ("branch", "-q", "sprung")


@dataclass(frozen=True)
class Trap:
    """How it is set in a repository, and a command of a person's that it is sprung by, if any."""

    set: Callable[[Path, Path], None]
    sprung_by: tuple[str, ...] = ()


def make_trap_program(place: Path, canary: Path) -> Path:
    """A program that leaves a canary behind when it runs."""
    place.write_text(f'#!/bin/sh\necho "$0 $@" >> "{canary}"\nexit 1\n')
    place.chmod(0o755)
    return place


def configure(place: Path, settings: Mapping[str, str]) -> None:
    """Write settings into the repository's own configuration."""
    for key, value in settings.items():
        git(place, "config", "--add", key, value)


def _git_dir(place: Path) -> Path:
    return place / ".git"


def _hooks(place: Path, program: Path) -> None:
    folder = _git_dir(place) / "hooks"
    folder.mkdir(exist_ok=True)
    for name in HOOKS:
        (folder / name).symlink_to(program)


def _hooks_path(place: Path, program: Path) -> None:
    folder = place.parent / "hooks elsewhere"
    folder.mkdir()
    for name in HOOKS:
        (folder / name).symlink_to(program)
    configure(place, {"core.hooksPath": str(folder)})


def _attributes(place: Path, line: str) -> None:
    folder = _git_dir(place) / "info"
    folder.mkdir(exist_ok=True)
    (folder / "attributes").write_text(f"{line}\n")


def _filters(place: Path, program: Path) -> None:
    _attributes(place, "* filter=evil")
    names = ("smudge", "clean", "process")
    configure(place, {f"filter.evil.{name}": str(program) for name in names})


def _lfs(place: Path, program: Path) -> None:
    _attributes(place, "*.py filter=lfs diff=lfs merge=lfs -text")
    for name in ("smudge", "clean"):
        configure(place, {f"filter.lfs.{name}": f"{program} {name} %f"})
    configure(place, {"filter.lfs.required": "true"})


def _diff(place: Path, program: Path) -> None:
    _attributes(place, "* diff=evil")
    configure(place, {"diff.external": str(program), "diff.evil.textconv": str(program)})
    configure(place, {"diff.evil.command": str(program)})


def _merge(place: Path, program: Path) -> None:
    _attributes(place, "* merge=evil")
    configure(place, {"merge.evil.driver": f"{program} %A", "merge.default": "evil"})
    configure(place, {"merge.tool": "evil", "mergetool.evil.cmd": str(program)})


def _settings(**settings: str) -> Callable[[Path, Path], None]:
    """Settings with dots for the underscores in their names, all naming the program."""

    def set_them(place: Path, program: Path) -> None:
        for key, value in settings.items():
            configure(place, {key.replace("_", "."): value.format(program=program)})

    return set_them


def _remote(place: Path, program: Path) -> None:
    configure(
        place,
        {
            "remote.origin.url": f"ext::{program}",
            "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
            "remote.origin.promisor": "true",
            "protocol.ext.allow": "always",
            "credential.helper": f"!{program}",
            "core.sshCommand": str(program),
            "core.askPass": str(program),
            "core.gitProxy": str(program),
        },
    )


def _include(place: Path, program: Path) -> None:
    file = place.parent / "included settings"
    file.write_text(f'[core]\n\tfsmonitor = "{program}"\n')
    configure(place, {"include.path": str(file), "includeIf.onbranch:**.path": str(file)})


def _alias(place: Path, program: Path) -> None:
    names = ("cat-file", "ls-tree", "merge-tree", "update-ref", "for-each-ref", "own")
    configure(place, {f"alias.{name}": f"!{program}" for name in names})


def _submodule(place: Path, program: Path) -> None:
    url = f"ext::{program}"
    configure(place, {"submodule.evil.url": url, "submodule.evil.update": f"!{program}"})
    configure(place, {"submodule.recurse": "true", "protocol.ext.allow": "always"})
    (place / ".gitmodules").write_text(f'[submodule "evil"]\n\tpath = evil\n\turl = {url}\n')
    git(place, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},evil")


TRAPS: dict[str, Trap] = {
    "hooks": Trap(_hooks, _NEW_BRANCH),
    "hooks path": Trap(_hooks_path, _NEW_BRANCH),
    "hooks by configuration": Trap(
        _settings(hook_evil_command="{program}", hook_evil_event="reference-transaction")
    ),
    "filters": Trap(_filters, ("archive", "--output=/dev/null", "main")),
    "lfs": Trap(_lfs, ("archive", "--output=/dev/null", "main")),
    "diff programs": Trap(_diff, ("show", "--ext-diff", "main")),
    "merge drivers": Trap(_merge, ("merge", "-q", "--no-commit", "--no-ff", "theirs")),
    "fsmonitor": Trap(_settings(core_fsmonitor="{program}"), ("status",)),
    "signing": Trap(
        _settings(commit_gpgSign="true", gpg_program="{program}", user_signingKey="x"),
        ("commit-tree", "-S", "-m", "x", "main^{{tree}}"),
    ),
    "ssh signing": Trap(
        _settings(
            commit_gpgSign="true", gpg_format="ssh", gpg_ssh_program="{program}", tag_gpgSign="true"
        )
    ),
    "remotes": Trap(_remote, ("fetch", "origin")),
    "included settings": Trap(_include, ("status",)),
    "aliases": Trap(_alias, ("own",)),
    "submodules": Trap(_submodule, ("fetch", "ext::{program}")),
    "editors and pagers": Trap(
        _settings(
            core_editor="{program}",
            core_pager="{program}",
            sequence_editor="{program}",
            interactive_diffFilter="{program}",
        ),
        ("commit", "--allow-empty"),
    ),
    "transfer programs": Trap(
        _settings(
            core_alternateRefsCommand="{program}",
            uploadpack_packObjectsHook="{program}",
            trailer_evil_command="{program}",
            gc_recentObjectsHook="{program}",
        )
    ),
}


def hostile_environment(folder: Path, program: Path) -> dict[str, str]:
    """Variables that send git elsewhere, run things or write traces."""
    home = folder / "hostile home"
    home.mkdir()
    settings = (
        f'[core]\n\thooksPath = "{folder}"\n\tfsmonitor = "{program}"\n\tpager = "{program}"\n'
    )
    (home / ".gitconfig").write_text(settings)
    elsewhere = str(folder / "elsewhere")
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "PAGER": str(program),
        "EDITOR": str(program),
        "SSH_ASKPASS": str(program),
        "GIT_DIR": elsewhere,
        "GIT_COMMON_DIR": elsewhere,
        "GIT_WORK_TREE": elsewhere,
        "GIT_INDEX_FILE": elsewhere,
        "GIT_OBJECT_DIRECTORY": elsewhere,
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": elsewhere,
        "GIT_NAMESPACE": "evil",
        "GIT_CEILING_DIRECTORIES": os.sep,
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "core.fsmonitor",
        "GIT_CONFIG_VALUE_0": str(program),
        "GIT_CONFIG_PARAMETERS": f"'core.hooksPath={folder}'",
        "GIT_EXTERNAL_DIFF": str(program),
        "GIT_SSH_COMMAND": str(program),
        "GIT_ASKPASS": str(program),
        "GIT_PAGER": str(program),
        "GIT_EDITOR": str(program),
        "GIT_PROXY_COMMAND": str(program),
        "GIT_EXEC_PATH": elsewhere,
        "GIT_TEMPLATE_DIR": elsewhere,
        "GIT_TRACE": str(folder / "trace"),
        "GIT_TRACE2_EVENT": str(folder / "trace2"),
        "GIT_QUARANTINE_PATH": elsewhere,
        "GIT_DEFAULT_HASH": "sha256",
        "GIT_SHALLOW_FILE": elsewhere,
        "GIT_GRAFT_FILE": elsewhere,
        "GIT_REPLACE_REF_BASE": "refs/evil",
        "GIT_ATTR_SOURCE": "main",
        "GIT_AUTHOR_NAME": "Eve",
        "GIT_COMMITTER_EMAIL": "eve@example.org",
        "GIT_AUTHOR_DATE": "nonsense",
        "GIT_LITERAL_PATHSPECS": "nonsense",
        "GIT_PROTOCOL_FROM_USER": "1",
    }
