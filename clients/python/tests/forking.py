"""`python forking.py KIND STORE TOKEN FORKS`: forks while other threads look up.

It prints how many children did not look up themselves within their time, and how long a fork took at most. A
program of its own, since pytest has threads and locks, too.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import string
import sys
import threading
import time

from keyctl_runtime import AsyncReader, Reader
from keyctl_runtime.token import check_of

THREADS = 8
LONGEST = 20.0
"""Seconds for a child."""
LETTERS = string.ascii_letters + string.digits


def unknown() -> str:
    """A token that nobody has: it is looked up each time."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(55))
    body = f"sks_{drawn[:12]}_{drawn[12:]}"
    return body + check_of(body.encode())


def look_up(reader: Reader, ended: threading.Event) -> None:
    while not ended.is_set():
        reader.verify(unknown())


async def look_up_in_tasks(reader: AsyncReader, ended: threading.Event) -> None:
    async def one() -> None:
        while not ended.is_set():
            await reader.verify(unknown())

    await asyncio.gather(*(one() for _ in range(THREADS)))


def child(answers: bool) -> None:
    os._exit(0 if answers else 1)


def is_good(pid: int) -> bool:
    end = time.monotonic() + LONGEST
    while time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.002)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main() -> None:
    kind, store, token, forks = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
    ended = threading.Event()
    # In the child, the threads' reader and one that nobody has used yet.
    unused = Reader.open(store, master_key=None)
    threads: list[threading.Thread]
    if kind == "threads":
        reader = Reader.open(store, master_key=None, connections=THREADS)
        threads = [
            threading.Thread(target=look_up, args=(reader, ended), daemon=True) for _ in range(THREADS)
        ]

        def answers() -> bool:
            return bool(reader.verify(token)) and bool(unused.verify(token))
    else:
        tasks = AsyncReader.open(store, master_key=None, connections=THREADS)
        threads = [threading.Thread(target=lambda: asyncio.run(look_up_in_tasks(tasks, ended)), daemon=True)]

        def answers() -> bool:
            return bool(asyncio.run(tasks.verify(token))) and bool(unused.verify(token))

    for thread in threads:
        thread.start()
    time.sleep(0.2)
    bad, longest = 0, 0.0
    for _ in range(forks):
        start = time.monotonic()
        pid = os.fork()
        if pid == 0:
            child(answers())
        longest = max(longest, time.monotonic() - start)
        bad += not is_good(pid)
    ended.set()
    print(bad, f"{longest:.2f}", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main()
