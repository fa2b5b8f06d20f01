"""Independent pieces of work side by side, each in a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

from nbarank.core.errors import ResourceError

ResultT = TypeVar("ResultT")
_ALONE = "set repro.threads to 1, then run the same command again"


def side_by_side(work: Sequence[Callable[[], ResultT]], processes: int) -> Iterator[ResultT]:
    """Yield the results of `work` in its order; with one process, in this one.

    A process is a fork: it shares the tables and modules that are loaded, and its result is
    pickled. Work must not draw from a generator of this process, nor write what others read.
    It ends with this process. A worker of `multiprocessing.Pool` may not fork: it works in turn.

    Raises
    ------
    Exception
        That of the first piece of work in order that failed; the others are stopped. One that
        cannot be pickled is a RuntimeError of the same text.
    ResourceError
        If a process was killed, or none can be started.
    """
    if _in_turn(processes) or len(work) <= 1:
        for one in work:
            yield one()
        return
    waiting = deque(work)
    running: deque[tuple[ForkProcess, Connection]] = deque()
    try:
        while waiting or running:
            while waiting and len(running) < processes:
                running.append(_started(waiting.popleft()))
            result = _result_of(*running[0])
            running.popleft()
            yield result
    finally:
        for process, _ in running:
            process.kill()
            process.join()


@contextmanager
def beside(work: Callable[[], ResultT], processes: int) -> Iterator[Callable[[], ResultT]]:
    """Do `work` in a process of its own while the block runs; what is yielded returns its result.

    As `side_by_side` otherwise: with one process, `work` is done when its result is asked for.
    """
    if _in_turn(processes):
        yield work
        return
    process, receiver = _started(work)
    try:
        yield partial(_result_of, process, receiver)
    finally:
        process.kill()
        process.join()


def _in_turn(processes: int) -> bool:
    return processes <= 1 or multiprocessing.current_process().daemon


def _result_of(process: ForkProcess, receiver: Connection) -> Any:
    """Wait for the result of a process and for its end; raise the error it ended with."""
    try:
        answer = receiver.recv_bytes()
    except (EOFError, OSError):  # the second: killed while it sent its answer
        process.join()
        raise ResourceError(
            "A process of this command was killed, most likely for want of memory.",
            where=f"exit status {process.exitcode}",
            next_command=_ALONE,
        ) from None
    process.join()
    result, error = pickle.loads(answer)
    if error is not None:
        raise error
    return result


def _started(one: Callable[[], ResultT]) -> tuple[ForkProcess, Connection]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(one, receiver, sender), daemon=True)
    # Ctrl-C comes to both processes: this one handles it, the other never sees it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    except OSError as error:
        raise ResourceError(
            "No other process can be started.", where=str(error), next_command=_ALONE
        ) from None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    sender.close()
    return process, receiver


def _send_result(one: Callable[[], ResultT], receiver: Connection, sender: Connection) -> None:
    receiver.close()  # or a send that no one receives would wait forever
    try:
        threading.Thread(target=_end_with_parent, daemon=True).start()
        answer = pickle.dumps((one(), None))
    except BaseException as error:
        error.add_note(traceback.format_exc())
        answer = _pickled(error)
    try:
        sender.send_bytes(answer)
    except BrokenPipeError:  # the parent was interrupted while it started this process
        return


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)  # or it would write files while a later run does


def _pickled(error: BaseException) -> bytes:
    """Return an error as an answer; if it cannot be pickled, a RuntimeError of the same text."""
    try:
        answer = pickle.dumps((None, error))
        pickle.loads(answer)
    except Exception:
        other = RuntimeError(f"{type(error).__name__}: {error}")
        other.__notes__ = error.__notes__
        return pickle.dumps((None, other))
    return answer
