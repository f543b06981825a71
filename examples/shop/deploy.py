"""Put a release of the shop into production on this machine.

    python deploy.py           deploy the tree IRONCLAW_TREE of commit IRONCLAW_SHA
    python deploy.py stop      stop whatever runs
    python deploy.py status    say what runs

Everything lies in the folder SHOP_HOME (by hand: `production` beside this file):

    data/shop.sqlite     the database; `python -m shop.seed --data $SHOP_HOME/data` fills it
    access.jsonl         the access log of every instance
    port                 the port of the instance that serves
    service.log          what the instances say
    releases/<name>/     the trees that were deployed, the last few
    running/<name>.json  process and port of each instance that was started

The new instance is started beside the old one, on a port of its own. Only when it answers does
it take over, and the old one finishes what it has begun; a bad release never closes the shop.
"""

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

HEALTHY_WITHIN = 15.0
STOPS_WITHIN = 10.0
KEEP_RELEASES = 3
STEP = 0.05


class DeploymentFailed(Exception):
    """The release does not run; what ran before still does."""


@dataclass(frozen=True)
class Instance:
    """One process that was started for a release."""

    name: str
    pid: int
    sha: str


@dataclass(frozen=True)
class Home:
    """The folder of one production."""

    folder: Path

    def path(self, *parts: str) -> Path:
        """A path inside, its folder made."""
        path = self.folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def instances(self) -> list[Instance]:
        """Those that were started and are still there."""
        files = sorted(self.path("running", "x").parent.glob("*.json"))
        known = [Instance(**json.loads(file.read_text(encoding="utf-8"))) for file in files]
        return [instance for instance in known if is_alive(instance)]

    def write(self, instance: Instance) -> None:
        """Remember a process, so that it can be stopped whatever happens to this one."""
        replace(self.path("running", f"{instance.name}.json"), json.dumps(asdict(instance)))

    def forget(self, instance: Instance) -> None:
        """The process is gone."""
        for name in (f"{instance.name}.json", f"{instance.name}.port"):
            self.path("running", name).unlink(missing_ok=True)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One deployment at a time."""
        with self.path("lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def deploy(home: Home, sha: str, tree: Path) -> Instance:
    """Start the release, let it take over once it answers, stop the others."""
    before = home.instances()
    name = f"{time.time_ns()}-{sha[:12]}"
    release = home.path("releases", name)
    shutil.copytree(
        tree, release, ignore=shutil.ignore_patterns(".git", "production"), symlinks=True
    )
    instance = start(home, name, sha, release)
    try:
        port = wait_until_healthy(home, instance)
    except BaseException:
        stop(home, instance)
        shutil.rmtree(release, ignore_errors=True)
        raise
    replace(home.path("port"), f"{port}\n")
    for old in before:
        stop(home, old)
    for past in sorted(home.path("releases", "x").parent.iterdir())[:-KEEP_RELEASES]:
        shutil.rmtree(past, ignore_errors=True)
    return instance


def start(home: Home, name: str, sha: str, release: Path) -> Instance:
    """Start one instance in a session of its own, so that it outlives this process."""
    surroundings = {key: value for key, value in os.environ.items() if key[:9] != "IRONCLAW_"}
    surroundings |= {
        "SHOP_ACCESS_LOG": str(home.path("access.jsonl")),
        "SHOP_COMMIT": sha,
        "SHOP_DATA": str(home.path("data", "shop.sqlite").parent),
        "SHOP_PORT": "0",
        "SHOP_PORT_FILE": str(home.path("running", f"{name}.port")),
    }
    with home.path("service.log").open("ab") as log:
        process = subprocess.Popen(
            # The name is for `is_alive`, which knows the process by it.
            [sys.executable, "-m", "shop", name],
            cwd=release,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    instance = Instance(name, process.pid, sha)
    home.write(instance)
    return instance


def wait_until_healthy(home: Home, instance: Instance) -> int:
    """The port on which the instance answers with its own commit."""
    file = home.path("running", f"{instance.name}.port")
    give_up = time.monotonic() + HEALTHY_WITHIN
    while time.monotonic() < give_up:
        if not is_alive(instance):
            raise DeploymentFailed(f"it ended at once, see {home.path('service.log')}")
        if file.exists() and serves(int(file.read_text(encoding="utf-8")), instance.sha):
            return int(file.read_text(encoding="utf-8"))
        time.sleep(STEP)
    raise DeploymentFailed(f"it does not answer within {HEALTHY_WITHIN:g} seconds")


def serves(port: int, sha: str) -> bool:
    """Whether the instance on this port is healthy and of this commit."""
    # No proxy of the surroundings has anything to do with this machine's own port.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return bool(json.load(response)["commit"] == sha)
    except (OSError, ValueError):
        return False


def stop(home: Home, instance: Instance) -> None:
    """Ask it to end, insist when it does not, and forget it once it is gone."""
    for number, seconds in ((signal.SIGTERM, STOPS_WITHIN), (signal.SIGKILL, STOPS_WITHIN)):
        give_up = time.monotonic() + seconds
        if is_alive(instance):
            os.kill(instance.pid, number)
        while is_alive(instance) and time.monotonic() < give_up:
            time.sleep(STEP)
    home.forget(instance)


def is_alive(instance: Instance) -> bool:
    """Whether the process is there and still ours: the system gives numbers out again."""
    try:
        return os.waitpid(instance.pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return instance.name in command_line(instance.pid)


def command_line(pid: int) -> str:
    """How a process was started, empty if there is none such."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""
    asked = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout


def replace(file: Path, text: str) -> None:
    """Write a file so that whoever reads it sees the old text or the new."""
    part = file.with_name(f"{file.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(file)


def main(arguments: list[str]) -> int:
    """Run one command; the exit code says whether it worked."""
    named, tree = os.environ.get("SHOP_HOME"), os.environ.get("IRONCLAW_TREE")
    if tree and not named:
        # The tree is gone after the deployment, and whatever lies beside this file with it.
        print("Say in SHOP_HOME which folder the production has.", file=sys.stderr)
        return 2
    beside = Path(__file__).absolute().parent
    home = Home(Path(named or beside / "production").absolute())
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with home.alone():
        match arguments:
            case []:
                return deploy_and_tell(
                    home, os.environ.get("IRONCLAW_SHA", ""), Path(tree or beside)
                )
            case ["stop"]:
                stop_all(home)
            case ["status"]:
                print(json.dumps([asdict(instance) for instance in home.instances()]))
            case _:
                print(__doc__)
                return 2
    return 0


def deploy_and_tell(home: Home, sha: str, tree: Path) -> int:
    """Deploy, and say how it went."""
    try:
        instance = deploy(home, sha, tree)
    except DeploymentFailed as failed:
        print(f"{sha[:12]} is not deployed: {failed}", file=sys.stderr)
        return 1
    print(f"{sha[:12]} runs as process {instance.pid}")
    return 0


def stop_all(home: Home) -> None:
    """Leave nothing running."""
    for instance in home.instances():
        stop(home, instance)
    home.path("port").unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
