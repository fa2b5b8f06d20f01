"""Sharing over a remote: pushed from one clone, pulled in another, nothing run again.

Three kinds: a local folder, S3 spoken by a real server process, SSH by a real sshd on loopback.
"""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.reliability.small import (
    assert_reported,
    assert_sound,
    cache_file,
    clone,
    commit_all,
    configure,
    copy_with_outputs,
    dvc,
    kill_group,
    lock_of,
    locked_files,
    nbarank,
    stages_that_ran,
    start,
    wrong_outputs,
)


@dataclass
class Remote:
    """An address and the settings that DVC needs for it."""

    url: str
    options: dict[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)

    def configure(self, repository: Path) -> None:
        configure(repository, "core", remote="shared")
        values = {"url": self.url, "verify": "true", **self.options}
        configure(repository, "'remote \"shared\"'", **values)


@pytest.fixture(scope="module")
def committed(reproduced: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reproduced repository with dvc.lock and metrics committed; its remote is set anew."""
    repository = copy_with_outputs(reproduced, tmp_path_factory.mktemp("remotes") / "first")
    commit_all(repository, "Reproduced")
    return repository


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"the server did not answer: {log.read_text()}")


def _s3_server(folder: Path, port: int) -> subprocess.Popen[bytes]:
    log = folder / "s3.log"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=log.open("ab"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    _wait_for(port, server, log)
    return server


def _s3_remote(port: int, bucket: str) -> Remote:
    import botocore.session

    address = f"http://127.0.0.1:{port}"
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret-word"}
    client = botocore.session.get_session().create_client(
        "s3",
        region_name="us-east-1",
        endpoint_url=address,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    client.create_bucket(Bucket=bucket)
    return Remote(f"s3://{bucket}/store", {"endpointurl": address, "region": "us-east-1"}, keys)


@pytest.fixture
def folder_remote(tmp_path: Path) -> Remote:
    return Remote(str(tmp_path / "Geteilter Ordner"))


@pytest.fixture
def s3_remote(tmp_path: Path) -> Iterator[Remote]:
    pytest.importorskip("moto.server")
    port = _free_port()
    server = _s3_server(tmp_path, port)
    try:
        yield _s3_remote(port, "nbarank")
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def ssh_remote(tmp_path: Path) -> Iterator[Remote]:
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("no sshd here: apt-get install openssh-server")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd refuses to start as root without it
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    for name in ("host", "user"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)], check=True
        )
    shutil.copy(keys / "user.pub", keys / "authorized_keys")
    port = _free_port()
    settings = {
        "Port": port,
        "ListenAddress": "127.0.0.1",
        "HostKey": keys / "host",
        "AuthorizedKeysFile": keys / "authorized_keys",
        "PidFile": keys / "pid",
        "StrictModes": "no",
        "UsePAM": "no",
        "PasswordAuthentication": "no",
        "PermitRootLogin": "prohibit-password",
        "Subsystem": "sftp internal-sftp",
        "MaxStartups": "100:30:200",
        "MaxSessions": "100",
    }
    config = keys / "sshd_config"
    config.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
    log = tmp_path / "sshd.log"
    server = subprocess.Popen(
        [program, "-D", "-e", "-f", str(config)], stderr=log.open("wb"), start_new_session=True
    )
    try:
        _wait_for(port, server, log)
        store = tmp_path / "ssh-store"
        store.mkdir()
        yield Remote(
            f"ssh://{getpass.getuser()}@127.0.0.1:{port}{store}",
            {"keyfile": str(keys / "user"), "allow_agent": "false"},
        )
    finally:
        server.kill()
        server.wait()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["folder", "s3", "ssh"])
def test_pushed_here_and_pulled_there_without_running_a_stage(
    committed: Path, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    remote: Remote = request.getfixturevalue(f"{kind}_remote")
    remote.configure(committed)
    dvc(committed, "push", **remote.environment)
    second = clone(committed, tmp_path / "second", share_cache=False)
    remote.configure(second)
    dvc(second, "pull", **remote.environment)
    assert_sound(second, lock_of(committed))
    assert stages_that_ran(dvc(second, "repro", "--pull", **remote.environment)) == []
    assert "2014-15" in nbarank(second, "forecast")  # from the models pulled, nothing trained
    report = nbarank(second, "doctor", **remote.environment)
    assert_reported(report, "shared", "reachable")
    assert "test-secret-word" not in report
    assert "Every file is as recorded in dvc.lock." in nbarank(
        second, "verify", **remote.environment
    )


def test_damaged_objects_are_refused(
    committed: Path, tmp_path: Path, folder_remote: Remote
) -> None:
    """`verify = true`: what comes from the remote is hashed before it is kept."""
    folder_remote.configure(committed)
    dvc(committed, "push")
    name = "data/ended/features/teams.parquet"
    md5 = locked_files(committed)[name]
    stored = Path(folder_remote.url) / "files" / "md5" / md5[:2] / md5[2:]
    stored.chmod(0o644)
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 4
    stored.write_bytes(content)
    second = clone(committed, tmp_path / "second", share_cache=False)
    folder_remote.configure(second)
    dvc(second, "pull", name, fails=True)
    assert not cache_file(second, md5).exists()
    assert not (second / name).exists()
    # DVC has deleted it at the remote, too. The first clone still has it: push it again.
    assert not stored.exists()
    dvc(committed, "push")
    dvc(second, "pull", name)
    assert cache_file(second, md5).exists()


@pytest.mark.slow
def test_a_remote_that_goes_in_mid_push(committed: Path, tmp_path: Path) -> None:
    """The push fails and says so; the next one completes, and what is pulled is whole."""
    pytest.importorskip("moto.server")
    port = _free_port()
    server = _s3_server(tmp_path, port)
    try:
        remote = _s3_remote(port, "going")
        remote.configure(committed)
        few = {"AWS_MAX_ATTEMPTS": "1"}  # else every object is tried for half a minute
        command = [sys.executable, "-m", "dvc", "push", "-j", "1"]
        push = start(command, committed, **remote.environment, **few)
        deadline = time.monotonic() + 120
        log = tmp_path / "s3.log"
        while log.read_text().count('"PUT /going/store') < 3 and time.monotonic() < deadline:
            assert push.poll() is None, push.communicate()[0]
            time.sleep(0.01)
        server.kill()
        server.wait()
        time.sleep(1)
        try:
            output, _ = push.communicate(timeout=600)
        except subprocess.TimeoutExpired:
            kill_group(push)
            raise
        assert push.returncode != 0
        assert "Traceback" not in output
        assert wrong_outputs(committed) == []
        server = _s3_server(tmp_path, port)
        remote = _s3_remote(port, "going")
        dvc(committed, "push", **remote.environment)
        second = clone(committed, tmp_path / "second", share_cache=False)
        remote.configure(second)
        dvc(second, "pull", **remote.environment)
        assert wrong_outputs(second) == []
    finally:
        server.kill()
        server.wait()
