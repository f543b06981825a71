"""Our own git directory beside the user's: the user's references and objects, our settings.

The folder links to the user's `refs`, and names the user's objects in the environment, so git
works on the repository without reading its configuration, hooks, attributes, filters, index or
working tree. git's own `git-new-workdir` links repositories in the same way.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.local import repository as user
from bot.adapters.local.git import Answer, Git, GitError, decode
from bot.adapters.local.locking import held, scratch_folder
from bot.adapters.local.repository import Repository
from bot.ports import UserError

_PATIENCE = 120.0
_LINKED = ("refs", "packed-refs", "logs", "reftable")


@dataclass(frozen=True, slots=True)
class Ref:
    """What one reference holds: an object's name, and the reference that it stands for, if any."""

    sha: str
    target: str = ""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Everything that is needed to work on one repository; `root` is our folder for it."""

    git: Git
    user: Repository
    root: Path

    @classmethod
    def open(cls, path: Path, state: Path) -> "Workshop":
        """Find the repository and lay out, or bring up to date, our folder for it."""
        home = state.absolute() / "home"
        home.mkdir(parents=True, exist_ok=True)
        git = Git(home)
        found = user.find_repository(git, path.absolute(), home)
        key = hashlib.sha256(os.fsencode(found.common_dir)).hexdigest()[:16]
        workshop = cls(git, found, state.absolute() / "repositories" / key)
        workshop._lay_out()
        return workshop

    @property
    def home(self) -> Path:
        """An empty folder."""
        return self.root.parent.parent / "home"

    def run(
        self,
        *args: str,
        objects: Path | None = None,
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limit: int = 1 << 26,
        ok: tuple[int, ...] = (0,),
    ) -> Answer:
        """Run git on the user's objects; what it writes goes to `objects`, or is an error."""
        places = {
            "GIT_DIR": str(self.root / "git"),
            "GIT_OBJECT_DIRECTORY": str(objects or self.root / "git" / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _quoted(self.user.objects),
            "GIT_SHALLOW_FILE": str(self.user.common_dir / "shallow"),
        }
        return self.git.run(*args, env={**places, **(env or {})}, stdin=stdin, limit=limit, ok=ok)

    def refs(self) -> dict[str, Ref]:
        """The branches, our records, and what the remote calls its default branch."""
        answer = self.run(
            "for-each-ref",
            "--format=%(objectname) %(refname) %(symref)",
            *("refs/heads", "refs/ironclaw", "refs/remotes/origin/HEAD"),
        )
        found = {}
        for line in decode(answer.out).split("\n")[:-1]:
            sha, name, target = line.split(" ")
            found[name] = Ref(sha, target)
        return found

    def head(self) -> tuple[str, str]:
        """The reference that the user's HEAD names, or nothing; and the commit it is at."""
        place = self.user.git_dir
        return (
            user.head_of(self.git, place, self.home),
            user.detached_at(self.git, place, self.home),
        )

    def in_use(self, ref: str) -> str:
        """The folder of a working tree that has this branch checked out, or nothing."""
        return user.in_use(self.git, self.user, ref, self.home)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """Keep other ironclaws from changing the repository; gives the lock's descriptor."""
        with held(self.root / "lock", _PATIENCE) as descriptor:
            yield descriptor

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder that is gone afterwards."""
        with scratch_folder(self.root / "scratch") as folder:
            yield folder

    def _lay_out(self) -> None:
        place = self.root / "git"
        (place / "objects").mkdir(parents=True, exist_ok=True)
        for name in _LINKED:
            if name != "reftable" or (self.user.common_dir / name).is_dir():
                _link(place / name, self.user.common_dir / name)
        _write(place / "HEAD", "ref: refs/heads/nothing-is-checked-out-here\n")
        _write(place / "config", self._settings())

    def _settings(self) -> str:
        """Our configuration; from the user's only how files are named, shared and logged."""
        settings = self.user.settings
        has_log = (self.user.common_dir / "logs").is_dir()
        values = {
            "core.repositoryFormatVersion": "1",
            "core.bare": "true",
            "core.logAllRefUpdates": (
                settings.get("core.logallrefupdates", str(not self.user.bare))
                if has_log
                else "false"
            ),
            "core.sharedRepository": settings.get("core.sharedrepository", "umask"),
            "core.filesRefLockTimeout": "1000",
            "core.packedRefsTimeout": "1000",
            "core.attributesFile": os.devnull,
            "core.commitGraph": "false",
            "extensions.objectFormat": self.user.object_format,
            "gc.auto": "0",
            "maintenance.auto": "false",
        }
        if settings.get("extensions.refstorage", "files") != "files":
            values["extensions.refStorage"] = settings["extensions.refstorage"]
        return "".join(_setting(key, value) for key, value in values.items())


def user_error(workshop: Workshop, error: GitError) -> UserError:
    """What a failed reading most likely means to the user."""
    if workshop.user.partial:
        return UserError(
            f"the clone is partial and lacks objects that are needed ({error})",
            "run `git fetch --refetch --no-filter`, or clone again without --filter",
        )
    return UserError(f"the repository cannot be read ({error})", "see what `git fsck` says of it")


def write_atomically(path: Path, data: bytes, mode: int = 0o600) -> None:
    """Put a whole file at `path`, or nothing: a reader or a crash never meets a part."""
    descriptor, name = tempfile.mkstemp(prefix="tmp_obj_", dir=path.parent)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _setting(key: str, value: str) -> str:
    section, _, name = key.partition(".")
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'[{section}]\n\t{name} = "{quoted}"\n'


def _write(path: Path, text: str) -> None:
    if not path.exists() or path.read_text() != text:
        write_atomically(path, text.encode())


def _link(path: Path, target: Path) -> None:
    if path.is_symlink() and path.readlink() == target:
        return
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        link = Path(folder) / "link"
        link.symlink_to(target)
        link.replace(path)


def _quoted(path: Path) -> str:
    """The path as git wants it in a list: quoted, so that no colon or quote in it counts."""
    text = str(path).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{text}"'
