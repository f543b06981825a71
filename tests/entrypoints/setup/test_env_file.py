"""Writing the settings file: everything of others stays, and the settings read what was written."""

import os
import stat
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from bot.entrypoints.setup.creation import VARIABLES
from bot.entrypoints.setup.env_file import EnvFile, rewritten
from bot.ports import UserError
from bot.settings import read_settings
from tests.fakes.github import keys

VALUES = {"GITHUB_APP_ID": "7", "GITHUB_CLIENT_ID": "Iv1.x"}
OLD = """\
# The office's machine
PORT=8080

export GITHUB_APP_ID=5
 GITHUB_CLIENT_ID = 'Iv1.old'  # the first
GITHUB_PRIVATE_KEY="-----BEGIN RSA PRIVATE KEY-----
GITHUB_APP_ID=not a line of its own
-----END RSA PRIVATE KEY-----"
MY_GITHUB_APP_ID=6
NOTE='GITHUB_APP_ID=9
LOG_LEVEL=debug'"""


def test_only_what_is_set_or_dropped_changes() -> None:
    assert rewritten(OLD, VALUES, ["GITHUB_PRIVATE_KEY"]) == (
        "# The office's machine\nPORT=8080\n\nMY_GITHUB_APP_ID=6\n"
        "NOTE='GITHUB_APP_ID=9\nLOG_LEVEL=debug'\n"
        'GITHUB_APP_ID="7"\nGITHUB_CLIENT_ID="Iv1.x"\n'
    )


def test_windows_line_ends_stay() -> None:
    text = "PORT=1\r\nGITHUB_APP_ID=5\r\nHOST=::\r\n"
    assert rewritten(text, {"GITHUB_APP_ID": "7"}) == 'PORT=1\r\nHOST=::\r\nGITHUB_APP_ID="7"\n'


def test_doing_it_twice_changes_nothing_more() -> None:
    once = rewritten(OLD, VALUES)
    assert rewritten(once, VALUES) == once


_NAMES = st.sampled_from(["A", "PORT", "GITHUB_APP_ID", "GITHUB_CLIENT_ID", "X_GITHUB_APP_ID"])
_PLAIN = st.text("ab7 .-/:=", max_size=8).map(str.strip)
_QUOTED = st.text("ab\n=G #", max_size=12).flatmap(
    lambda text: st.sampled_from([f'"{text}"', f"'{text}'"])
)
_LINES = st.one_of(
    st.just(""),
    st.just("# GITHUB_APP_ID=1"),
    st.builds("{}{}={}".format, st.sampled_from(["", "export ", " "]), _NAMES, _PLAIN | _QUOTED),
)


@given(st.lists(_LINES, max_size=6).map("\n".join))
def test_a_reader_of_such_files_sees_the_new_values_and_all_others_as_they_were(text: str) -> None:
    before = dotenv_values(stream=StringIO(text), interpolate=False)
    after = dotenv_values(stream=StringIO(rewritten(text, VALUES)), interpolate=False)
    assert after == {**before, **VALUES}


@pytest.mark.parametrize(
    "value", ['7"\nDATABASE_URL=x', "a`id`", "$HOME", "a\\nb", "caf\u00e9", "a\rb", "x\0"]
)
def test_a_value_that_could_be_read_otherwise_is_refused(value: str) -> None:
    with pytest.raises(UserError, match="strange") as refused:
        rewritten("", {"GITHUB_CLIENT_SECRET": value})
    assert value not in str(refused.value)


def test_the_key_is_one_line_and_the_settings_read_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    key, _ = keys.key_pair()
    EnvFile(Path(".env")).write({"GITHUB_PRIVATE_KEY": key})
    assert len((tmp_path / ".env").read_text().splitlines()) == 1
    found = read_settings().private_key()
    assert found
    assert found.get_secret_value() == key.strip()


def test_it_is_readable_by_its_owner_alone_whatever_it_was(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\n")
    file.chmod(0o644)
    before = os.umask(0)
    try:
        EnvFile(file).write(VALUES)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    kept = tmp_path / "kept" / "env"
    kept.parent.mkdir()
    kept.write_text("PORT=1\n")
    link = tmp_path / ".env"
    link.symlink_to(kept)
    EnvFile(link).write(VALUES)
    assert link.is_symlink()
    assert kept.read_text().startswith("PORT=1\nGITHUB_APP_ID=")


def test_a_refused_value_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("PORT=1\n")
    with pytest.raises(UserError):
        EnvFile(file).write({"GITHUB_APP_ID": "7\0"})
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [(".env", "PORT=1\n")]


@pytest.mark.parametrize("place", ["nowhere/.env", ".", "latin.env"])
def test_where_nothing_can_be_written_it_is_said_before(tmp_path: Path, place: str) -> None:
    (tmp_path / "latin.env").write_bytes(b"NAME=\xff\n")
    with pytest.raises(UserError, match=r"folder|written|read") as refused:
        EnvFile(tmp_path / place).check()
    assert "--env-file" in refused.value.remedy
