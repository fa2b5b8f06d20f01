"""A password of the study's database is in no message and not on the command line."""

from pathlib import Path

import pytest

from nbarank.core.errors import SweepError
from nbarank.dvc.git import hide_secrets
from nbarank.sweep.storage import Storage
from tests.sweep.running import failed_command

SECRET = "hunter2"
URLS = (
    f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/studies",
    f"postgresql+psycopg://127.0.0.1:1/studies?user=me&password={SECRET}",
    f"postgresql+psycopg://127.0.0.1:1/studies?PASSWORD={SECRET}",
    f"postgresql://me:{SECRET}@[::1]:1/studies",
    f"postgresql://me:a/{SECRET}@host/studies",
    f"postgresql://me:@{SECRET}@host/studies",
    f"postgresql://:{SECRET}@host/studies",
    f"postgresql://host/studies?sslmode=require&sslpassword={SECRET}",
    f"mysql://me:{SECRET}@host/studies",
)
COMMANDS = (
    ["sweep", "run", "mini"],
    ["sweep", "report", "some"],
    ["lock", "some-1"],
    ["sweep", "campaign", "phase1"],
)


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_password_on_the_command_line_is_rejected(
    command: list[str], url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = failed_command([*command, "--storage", url], capsys)
    assert "visible to all users" in text
    assert "NBARANK_STORAGE" in text
    assert SECRET not in text


def test_the_variable_is_read_and_masked(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(toy)
    monkeypatch.setenv("NBARANK_STORAGE", URLS[0])
    text = failed_command(["sweep", "report", "some"], capsys)
    assert "cannot be opened" in text
    assert SECRET not in text


@pytest.mark.parametrize("url", URLS)
def test_no_error_of_a_storage_shows_a_password(url: str) -> None:
    with pytest.raises(SweepError) as caught:
        Storage(url).is_empty()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", URLS)
def test_addresses_are_shown_without_secrets(url: str) -> None:
    assert SECRET not in hide_secrets(f"could not connect to {url}: refused")
