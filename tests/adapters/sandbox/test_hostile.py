"""Code that wants out, or wants everything: what it gets, and that nothing of it is left."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.sandbox.isolation import probe
from bot.adapters.sandbox.process_sandbox import ProcessSandbox
from bot.domain.outcomes import RunEnd, TestOutcome, TestRun
from bot.ports import SandboxSettings
from tests.adapters.sandbox.projects import HERE, PACKAGE, tree

WALLED = probe().level in ("namespaces", "bubblewrap")
behind_walls = pytest.mark.skipif(not WALLED, reason="no walls on this machine")
PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED


def _limited(**limits: float) -> SandboxSettings:
    values = {"timeout_seconds": 30, "memory_mb": 4096, "max_processes": 256, **limits}
    return SandboxSettings(
        python=HERE.python,
        timeout_seconds=values["timeout_seconds"],
        memory_mb=int(values["memory_mb"]),
        max_processes=int(values["max_processes"]),
        max_output_bytes=int(values.get("max_output_bytes", 10_000_000)),
    )


async def _run(sandbox: ProcessSandbox, body: str, settings: SandboxSettings = HERE) -> TestRun:
    """Run one test with this body, in a project that has nothing else."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    source = f"import os, signal, socket, subprocess, sys, time\n\n\ndef test_it():\n{indented}"
    async with sandbox.open(tree({"test_it.py": source}), settings) as workspace:
        return await workspace.run_tests()


def _alive(marker: str) -> list[str]:
    """The command lines that carry a marker nobody else has."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in line and int(entry.name) != os.getpid():
            found.append(line)
    return found


@pytest.fixture
def marker() -> Iterator[str]:
    """A word to know processes by; none may be left with it."""
    word = f"marker-{os.getpid()}-{time.monotonic_ns()}"
    yield word
    assert _alive(word) == []


# What it must not see or reach.


@behind_walls
async def test_cannot_read_what_is_not_its_own(sandbox: ProcessSandbox, tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_text("secret")
    home = str(Path.home())
    hidden = [
        str(tmp_path / "key.pem"),
        f"{home}/.ssh",
        f"{home}/.bashrc",
        "/etc/shadow",
        "/var/lib",
    ]
    body = (
        f"assert [path for path in {hidden!r} if os.path.exists(path)] == []\n"
        f"assert os.path.expanduser('~') != {home!r}\n"
        # The interpreter of these tests may itself live in a home: that alone is seen of it.
        f"names = os.listdir({home!r}) if os.path.isdir({home!r}) else []\n"
        "assert len(names) < 3 and set(names) <= {'.pyenv', '.local', 'hostedtoolcache'}, names"
    )
    run = await _run(sandbox, body)
    assert run.passed(), run.output


@behind_walls
async def test_is_told_nothing_of_our_environment(
    sandbox: ProcessSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IRONCLAW_TEST_SECRET", "s3cr3t")
    body = (
        "assert 's3cr3t' not in str(dict(os.environ))\n"
        "pids = [name for name in os.listdir('/proc') if name.isdigit()]\n"
        "assert len(pids) < 6, pids\n"
        "for pid in pids:\n"
        "    for name in ('environ', 'cmdline'):\n"
        "        try:\n"
        "            with open(f'/proc/{pid}/{name}', 'rb') as file:\n"
        "                assert b's3cr3t' not in file.read()\n"
        "        except OSError:\n"
        "            pass"
    )
    run = await _run(sandbox, body)
    assert run.passed(), run.output


@behind_walls
async def test_writes_nothing_outside(sandbox: ProcessSandbox, tmp_path: Path) -> None:
    target = tmp_path / "written"
    body = (
        f"for path in ({str(target)!r}, '/usr/ironclaw', '/etc/ironclaw', '/ironclaw/x',\n"
        "             '/proc/sys/kernel/core_pattern', sys.prefix + '/x',\n"
        "             sys.base_prefix + '/x'):\n"
        "    try:\n"
        "        open(path, 'w').write('x')\n"
        "    except OSError:\n"
        "        continue\n"
        "    raise AssertionError(path)\n"
        "open('/tmp/fine', 'w').write('x')\n"
        "open(os.path.expanduser('~/fine'), 'w').write('x')"
    )
    run = await _run(sandbox, body)
    assert run.passed(), run.output
    assert not target.exists()


@behind_walls
async def test_reaches_its_own_loopback_and_nothing_else(sandbox: ProcessSandbox) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ours:
        port = ours.getsockname()[1]
        body = (
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "socket.create_connection(server.getsockname(), 2).close()\n"
            f"for place in (('127.0.0.1', {port}), ('192.0.2.1', 80), ('1.1.1.1', 53)):\n"
            "    try:\n"
            "        socket.create_connection(place, 2)\n"
            "    except OSError:\n"
            "        continue\n"
            "    raise AssertionError(place)"
        )
        run = await _run(sandbox, body)
    assert run.passed(), run.output


async def test_links_and_paths_do_not_lead_outside(sandbox: ProcessSandbox, tmp_path: Path) -> None:
    body = (
        f"os.symlink({str(tmp_path)!r}, 'way')\n"
        "os.symlink('/etc/passwd', os.environ['IRONCLAW_REPORT'] + '.link')\n"
        "os.rename(os.environ['IRONCLAW_REPORT'], os.environ['IRONCLAW_REPORT'] + '.away')\n"
        f"os.symlink({str(tmp_path / 'report')!r}, os.environ['IRONCLAW_REPORT'])"
    )
    (tmp_path / "report").write_text('{"kind": "end", "code": 0}\n')
    run = await _run(sandbox, body)
    assert run.end is RunEnd.CRASHED, run
    assert (tmp_path / "report").read_text() == '{"kind": "end", "code": 0}\n'


# What it must not use up.


async def test_a_hang_ends_when_its_time_is_over(sandbox: ProcessSandbox, marker: str) -> None:
    body = (
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)', {marker!r}])\n"
        "time.sleep(99)"
    )
    run = await _run(sandbox, body, _limited(timeout_seconds=3))
    assert (run.end, run.why) == (RunEnd.TIMED_OUT, "no end after 3 s")
    assert run.outcomes == {"test_it.py::test_it": FAILED}


async def test_a_daemon_does_not_outlive_its_test(sandbox: ProcessSandbox, marker: str) -> None:
    body = (
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        os.execv(sys.executable, [sys.executable, '-c', 'import time; time.sleep(99)',\n"
        f"                                  {marker!r}])\n"
        "    os._exit(0)\n"
        "os.wait()"
    )
    assert (await _run(sandbox, body)).passed()


async def test_a_fork_bomb_is_stopped(sandbox: ProcessSandbox) -> None:
    body = (
        "for _ in range(2000):\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(60)\n"
        "        os._exit(0)\n"
        "time.sleep(60)"
    )
    run = await _run(sandbox, body, _limited(max_processes=30))
    assert run.end is RunEnd.KILLED or run.failed(), run
    assert run.end is not RunEnd.KILLED or "processes" in run.why


async def test_memory_is_limited_for_all_together(sandbox: ProcessSandbox) -> None:
    body = (
        "for _ in range(4):\n"
        "    if os.fork() == 0:\n"
        "        hoard = bytearray(os.urandom(1)) * (120 << 20)\n"
        "        time.sleep(60)\n"
        "        os._exit(0)\n"
        "time.sleep(60)"
    )
    run = await _run(sandbox, body, _limited(memory_mb=300))
    assert (run.end, run.why) == (RunEnd.KILLED, "used more than 300 MB of memory")


async def test_printing_without_end_is_stopped_and_kept_short(sandbox: ProcessSandbox) -> None:
    source = "import os\n\nwhile True:\n    os.write(1, b'x' * 65536)\n"
    settings = _limited(max_output_bytes=1_000_000)
    files = {"conftest.py": source, "pytest.ini": "[pytest]\naddopts = -s\n"}
    async with sandbox.open(tree(files), settings) as workspace:
        run = await workspace.run_tests()
    assert (run.end, run.why) == (RunEnd.KILLED, "printed more than 10 MB")
    assert len(run.output) < 100_000


async def test_filling_the_disk_is_stopped(sandbox: ProcessSandbox) -> None:
    body = (
        "for number in range(100):\n"
        "    with open(str(number), 'wb') as file:\n"
        "        os.posix_fallocate(file.fileno(), 0, 400 << 20)\n"
        "    time.sleep(0.5)"
    )
    run = await _run(sandbox, body)
    assert (run.end, run.why) == (RunEnd.KILLED, "wrote more than 2048 MB")


# What it must not say, and what it may break.


@pytest.mark.parametrize(
    "conftest",
    [
        "import sys; sys.exit(0)",
        "import os; os._exit(0)",
        "import os\ndef pytest_runtest_setup(item): os._exit(0)",
        "import os, signal\ndef pytest_runtest_setup(item): os.kill(os.getpid(), signal.SIGKILL)",
        "import os\ndef pytest_unconfigure(config): os._exit(0)",
    ],
)
async def test_ending_early_is_no_pass(sandbox: ProcessSandbox, conftest: str) -> None:
    async with sandbox.open(tree({**PACKAGE, "conftest.py": conftest}), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.CRASHED, run
    assert run.why


async def test_a_pytest_that_is_made_to_lie_contradicts_itself(sandbox: ProcessSandbox) -> None:
    conftest = (
        "import pytest\n\n\n@pytest.hookimpl(tryfirst=True, hookwrapper=True)\n"
        "def pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    outcome.get_result().outcome = 'passed'\n\n\n"
        "def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = 1\n"
    )
    async with sandbox.open(tree({**PACKAGE, "conftest.py": conftest}), HERE) as workspace:
        run = await workspace.run_tests()
    assert run.end is RunEnd.CRASHED, run


async def test_killing_its_parent_ends_itself_alone(sandbox: ProcessSandbox) -> None:
    body = (
        "for pid in {os.getppid(), 1, *range(2, 8)} - {os.getpid()}:\n"
        "    try:\n"
        "        os.kill(pid, signal.SIGKILL)\n"
        "    except OSError:\n"
        "        pass"
    )
    if not WALLED:
        pytest.skip("it would meet real processes")
    assert (await _run(sandbox, body)).passed()


@pytest.mark.parametrize(
    "mess",
    [
        "import shutil; shutil.rmtree(os.getcwd(), ignore_errors=True)",
        "os.makedirs('a/b'); open('a/b/c', 'w').close(); os.chmod('a/b', 0); os.chmod('a', 0)",
        "for name in range(3000): open(str(name), 'w').close()",
        "for _ in range(400):\n    os.mkdir('d' * 20)\n    os.chdir('d' * 20)",
        "os.mkfifo('pipe'); s = socket.socket(socket.AF_UNIX); s.bind('sock'); os.chmod('.', 0)",
        "os.symlink('/', 'root'); os.symlink('..', 'up'); os.link('test_it.py', 'again')",
    ],
)
async def test_whatever_it_leaves_is_removed_and_the_next_run_is_clean(
    sandbox: ProcessSandbox, mess: str
) -> None:
    source = "import os, socket\n\n\ndef test_it():\n    assert len(os.listdir('.')) < 4\n"
    source += "".join(f"    {line}\n" for line in mess.splitlines())
    async with sandbox.open(tree({"test_it.py": source}), HERE) as workspace:
        for _ in range(2):
            run = await workspace.run_tests()
            assert run.passed(), run.output
