"""Work side by side gives what work in turn gives, in its order."""

import multiprocessing
import os
import signal
import time
from functools import partial

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
