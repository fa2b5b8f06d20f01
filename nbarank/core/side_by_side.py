"""Independent pieces of work side by side, each in a process of its own."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

from nbarank.core.errors import ResourceError

ResultT = TypeVar("ResultT")


def side_by_side(work: Sequence[Callable[[], ResultT]], processes: int) -> Iterator[ResultT]:
    """Yield the results of `work` in its order; with one process, in this one.

    A process is a fork: it shares the tables and modules that are loaded, and its result is
    pickled. Work must not draw from a generator of this process, nor write what others read.

    Raises
    ------
    Exception
        That of the first piece of work in order that failed; the others are stopped.
    ResourceError
        If a process was killed.
    """
    if processes <= 1 or len(work) <= 1:
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


@contextmanager
def beside(work: Callable[[], ResultT], processes: int) -> Iterator[Callable[[], ResultT]]:
    """Do `work` in a process of its own while the block runs; what is yielded returns its result.

    As `side_by_side` otherwise: with one process, `work` is done when its result is asked for.
    """
    if processes <= 1:
        yield work
        return
    process, receiver = _started(work)
    try:
        yield partial(_result_of, process, receiver)
    finally:
        process.kill()
        process.join()


def _result_of(process: ForkProcess, receiver: Connection) -> Any:
    """Wait for the result of a process and for its end; raise the error it ended with."""
    try:
        result, error = receiver.recv()
    except EOFError:
        process.join()
        raise ResourceError(
            "A process of this command was killed, most likely for want of memory.",
            where=f"exit status {process.exitcode}",
            next_command="set repro.threads to 1, then run the same command again",
        ) from None
    process.join()
    if error is not None:
        raise error
    return result


def _started(one: Callable[[], ResultT]) -> tuple[ForkProcess, Connection]:
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_send_result, args=(one, sender), daemon=True)
    process.start()
    sender.close()
    return process, receiver


def _send_result(one: Callable[[], ResultT], sender: Connection) -> None:
    try:
        answer: tuple[ResultT | None, Exception | None] = one(), None
    except Exception as error:
        answer = None, error
    except KeyboardInterrupt:  # the parent gets it too
        return
    try:
        sender.send(answer)
    except BrokenPipeError:  # the parent was killed
        return
