"""Work side by side gives what work in turn gives, in its order."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial

import psutil
import pytest

from nbarank.core.errors import RankerError, ResourceError
from nbarank.core.side_by_side import beside, side_by_side


def waited(seconds: float) -> tuple[float, int]:
    time.sleep(seconds)
    return seconds, os.getpid()


def refused() -> int:
    raise RankerError("No such model.", where="here", next_command="dvc repro")


def killed() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def not_pickled() -> Callable[[], int]:
    return lambda: 0


class TwoPartsError(Exception):
    """Pickled, but not read back: `BaseException` keeps one argument of two."""

    def __init__(self, what: str, where: str) -> None:
        super().__init__(f"{what} in {where}")


def two_parts() -> int:
    raise TwoPartsError("no rows", "a.csv")


def interrupted() -> int:
    os.kill(os.getpid(), signal.SIGINT)
    return 0


def killed_while_sending() -> bytes:
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return bytes(1 << 20)  # more than a pipe holds


def pair(_: int) -> list[int]:
    return list(side_by_side([int, int], 2))


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_results_come_in_the_order_of_the_work(processes: int) -> None:
    seconds = [0.2, 0.0, 0.1, 0.0]
    found = list(side_by_side([partial(waited, one) for one in seconds], processes))
    assert [one for one, _ in found] == seconds
    own = {process for _, process in found}
    assert own == {os.getpid()} if processes == 1 else os.getpid() not in own


@pytest.mark.parametrize("processes", [1, 2])
def test_an_error_keeps_its_parts_and_stops_the_rest(processes: int) -> None:
    with pytest.raises(RankerError) as caught:
        list(side_by_side([refused, partial(waited, 60.0)], processes))
    assert (caught.value.where, caught.value.next_command) == ("here", "dvc repro")


def test_a_killed_process_is_named() -> None:
    with pytest.raises(ResourceError, match="was killed") as caught:
        list(side_by_side([killed, partial(waited, 60.0)], 2))
    assert caught.value.where == f"exit status {-signal.SIGKILL}"


@pytest.mark.parametrize("processes", [1, 2])
def test_work_beside_gives_its_result_or_its_error(processes: int) -> None:
    with beside(partial(waited, 0.1), processes) as result:
        seconds, process = result()
    assert seconds == 0.1
    assert (process == os.getpid()) == (processes == 1)
    with pytest.raises(RankerError), beside(refused, processes) as result:
        result()


def test_work_beside_ends_with_the_block() -> None:
    began = time.monotonic()
    with pytest.raises(KeyError), beside(partial(waited, 60.0), 2):
        raise KeyError
    assert time.monotonic() - began < 30
    assert not multiprocessing.active_children()


def test_what_cannot_be_pickled_is_no_killed_process() -> None:
    with pytest.raises(Exception, match="pickle") as caught:
        list(side_by_side([not_pickled, partial(waited, 60.0)], 2))
    assert not isinstance(caught.value, ResourceError)
    with pytest.raises(RuntimeError) as unread:
        list(side_by_side([two_parts, partial(waited, 60.0)], 2))
    assert str(unread.value) == "TwoPartsError: no rows in a.csv"
    assert "in two_parts" in "".join(unread.value.__notes__)


def test_a_process_killed_while_it_sends_is_named() -> None:
    with (
        pytest.raises(ResourceError, match="was killed"),
        beside(killed_while_sending, 2) as result,
    ):
        time.sleep(1.0)
        result()


def test_ctrl_c_is_left_to_the_parent() -> None:
    assert list(side_by_side([interrupted, int], 2)) == [0, 0]
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def test_a_worker_of_a_pool_works_in_turn() -> None:
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map(pair, [0]) == [[0, 0]]


def test_no_process_left_to_start(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(ResourceError, match="No other process can be started"):
        list(side_by_side([int, int], 2))


def test_processes_end_with_a_killed_parent() -> None:
    code = """
import time
from functools import partial
from nbarank.core.side_by_side import beside
with beside(partial(time.sleep, 60), 2):
    print(flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        children = psutil.Process(parent.pid).children()
        parent.kill()
    assert len(children) == 1
    assert not psutil.wait_procs(children, timeout=10)[1]
