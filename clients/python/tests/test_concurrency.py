"""Many callers at once: threads, tasks, processes that were forked, pools that are exhausted."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from places import Place

from keyctl_runtime import Allowed, Reader, StoreUnavailable
from keyctl_runtime import pool as pools
from keyctl_runtime import slow as slow_hashes
from keyctl_runtime.apool import AsyncPool
from keyctl_runtime.cache import Entry
from keyctl_runtime.find import Reading
from keyctl_runtime.pool import FORK_WAIT, Pool
from keyctl_runtime.row import Raw, read_mark


class Counted:
    """A store that counts, and takes its time."""

    def __init__(self, reader: Reader, delay: float) -> None:
        self.store, self.delay, self.count = reader._store, delay, 0
        reader._store = self

    def token(self, token_hash: str) -> Reading:
        self.count += 1
        time.sleep(self.delay)
        return self.store.token(token_hash)

    def secret(self, token_hash: str, provider: str) -> Reading:
        return self.store.secret(token_hash, provider)

    def mark(self) -> Reading:
        return self.store.mark()

    def nonce(self, seq: int) -> Raw:
        return self.store.nonce(seq)

    def close(self) -> None:
        self.store.close()


def test_threads_that_ask_for_the_same_token_share_one_look_up(sqlite: Place) -> None:
    token = sqlite.mint("alice")
    with sqlite.open() as reader, ThreadPoolExecutor(16) as threads:
        counted = Counted(reader, 0.3)
        results = list(threads.map(lambda _: reader.verify(token), range(16)))
        assert all(results)
        assert counted.count == 1


def test_threads_see_the_same_answers_as_one(place: Place) -> None:
    tokens = [place.mint("alice", "--scope", f"s{number}", "--name", f"k{number}") for number in range(6)]
    with place.open() as reader, ThreadPoolExecutor(8) as threads:
        asked = [(token, f"s{number}") for token in tokens for number in range(6)] * 10
        results = threads.map(lambda one: bool(reader.verify(*one)), asked)
        assert list(results) == [token == tokens[int(scope[1:])] for token, scope in asked]


def test_an_exhausted_pool_is_the_pools_fault() -> None:
    pool: Pool[object] = Pool(2, object, lambda _: None)
    taken = [pool.take(), pool.take()]
    start = time.monotonic()
    with pytest.raises(StoreUnavailable) as caught:
        pool.take()
    assert caught.value.reason == "pool"
    assert 1.9 < time.monotonic() - start < 3
    threading.Timer(0.1, pool.give_back, taken[:1]).start()
    assert pool.take() is taken[0]


def test_a_reader_of_an_exhausted_pool_says_so(place: Place) -> None:
    one, other = place.mint("alice"), place.mint("bob")
    with place.open(connections=1) as reader:
        assert reader.verify(one)
        held = reader._store._pool.take()  # type: ignore[attr-defined]
        with pytest.raises(StoreUnavailable) as caught:
            reader.verify(other)
        assert caught.value.reason == "pool"
        reader._store._pool.give_back(held)  # type: ignore[attr-defined]
        assert reader.verify(other)


def test_the_async_reader_answers_as_the_other_one(place: Place) -> None:
    token = place.mint("alice", "--scope", "memories")
    place.secret("team", "anthropic", "sk-ant-x", "alice")
    place.weak("sk-alice-test-key-12345", "carol")

    async def ask() -> None:
        async with place.open_async() as reader:
            results = await asyncio.gather(*(reader.verify(token, "memories") for _ in range(20)))
            assert all(isinstance(result, Allowed) for result in results)
            assert not await reader.verify(token, "files")
            assert (await reader.secret(token, "anthropic")).expose() == "sk-ant-x"
            assert await reader.verify("sk-alice-test-key-12345")
            place.keyctl("revoke", "alice/default")
            start = time.monotonic()
            while await reader.verify(token, "memories"):
                assert time.monotonic() - start < 5
                await asyncio.sleep(0.05)

    asyncio.run(ask())


def test_a_task_that_joins_a_finished_look_up_keeps_nothing_of_before_a_change(place: Place) -> None:
    token = place.mint("alice")
    digest = hashlib.sha256(token.encode()).digest()

    async def ask() -> None:
        async with place.open_async() as reader:
            assert await reader.verify(token)
            entry = reader._cache.allowed[digest]
            place.keyctl("revoke", "alice/default")
            mark = read_mark((await reader._store.mark())[0], lambda _: None)
            reader._cache.note_mark(mark, reader._cache.now())

            async def finished() -> Entry:
                return entry

            reader._under_way[digest] = asyncio.create_task(finished())
            # It was under way when it was joined; what it found is not good for anybody after that.
            assert await reader.verify(token)
            del reader._under_way[digest]
            assert not await reader.verify(token)

    asyncio.run(ask())


def test_a_cancelled_task_takes_no_other_one_with_it(place: Place) -> None:
    token = place.mint("alice")

    async def ask() -> None:
        async with place.open_async() as reader:
            first = asyncio.create_task(reader.verify(token))
            second = asyncio.create_task(reader.verify(token))
            await asyncio.sleep(0)
            first.cancel()
            assert await second
            assert first.cancelled()

    asyncio.run(ask())


def test_a_forked_process_reads_by_connections_of_its_own(place: Place) -> None:
    one, other = place.mint("alice"), place.mint("bob")
    with place.open() as reader:
        assert reader.verify(one)
        child = os.fork()
        if child == 0:
            os._exit(0 if reader.verify(one) and reader.verify(other) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert reader.verify(other)


def test_tasks_in_a_forked_process_read_by_connections_of_their_own(place: Place) -> None:
    one, other = place.mint("alice"), place.mint("bob")
    place.weak("sk-alice-test-key-12345", "carol")
    reader = place.open_async(connections=1)

    async def ask(*tokens: str) -> bool:
        return all([await reader.verify(token) for token in tokens])

    async def ask_and_close() -> bool:
        good = await ask(one, other, "sk-alice-test-key-12345")
        await reader.close()
        return good

    assert asyncio.run(ask(one))
    # What was under way, and who had a turn, is not in the child.
    turns = [slow_hashes._turns.acquire() for _ in range(slow_hashes.AT_A_TIME)]
    digest = hashlib.sha256(other.encode()).digest()
    reader._under_way[digest] = "a task of the parent's loop"  # type: ignore[assignment]
    assert reader._cache._refreshing.acquire(blocking=False)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if asyncio.run(asyncio.wait_for(ask_and_close(), 20)) else 2
        finally:
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    reader._cache.release_refresh()
    del reader._under_way[digest]
    for _ in turns:
        slow_hashes._turns.release()
    # The child has closed nothing of the parent's.
    assert asyncio.run(ask_and_close())


def test_a_connection_of_the_parent_is_neither_used_nor_closed_in_the_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    closed: list[object] = []

    async def made() -> object:
        return object()

    async def check() -> None:
        pool: AsyncPool[object] = AsyncPool(2, made, closed.append)
        free, taken = await pool.take(), await pool.take()
        pool.give_back(free)
        monkeypatch.setattr(os, "getpid", lambda: -1)
        pool.give_back(taken)
        mine = [await pool.take(), await pool.take()]
        assert free not in mine
        assert taken not in mine
        pool.discard(taken)
        assert closed == []
        for one in mine:
            pool.give_back(one)
        pool.close()
        assert set(closed) == set(mine)

    asyncio.run(check())


def test_at_most_two_slow_hashes_are_computed_at_a_time(
    sqlite: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    from argon2 import low_level

    sqlite.weak("sk-alice-test-key-12345", "alice")
    at_once, most, guard, compute = 0, 0, threading.Lock(), low_level.hash_secret_raw

    def counted(*words: object, **named: object) -> bytes:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        try:
            time.sleep(0.05)
            return compute(*words, **named)  # type: ignore[arg-type]
        finally:
            with guard:
                at_once -= 1

    monkeypatch.setattr(low_level, "hash_secret_raw", counted)
    monkeypatch.setattr(slow_hashes, "WAIT", 20.0)
    with sqlite.open() as reader, ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda number: reader.verify(f"guess-{number}"), range(6)))
    assert not any(results)
    assert most == 2


FORKING = Path(__file__).with_name("forking.py")


@pytest.mark.parametrize("kind", ["threads", "tasks"])
def test_no_child_hangs_that_is_forked_while_others_look_up(place: Place, kind: str) -> None:
    token = place.mint("alice")
    done = subprocess.run(
        [sys.executable, str(FORKING), kind, place.address, token, "160"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    bad, longest = done.stdout.split()
    assert bad == "0", f"{bad} of 160 children hung or failed: {done.stderr}"
    # The fork itself waits for the look-ups under way, and for no others.
    assert float(longest) < FORK_WAIT


def test_a_fork_does_not_wait_for_ever_for_a_look_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pools, "FORK_WAIT", 0.3)
    pool: Pool[object] = Pool(2, object, lambda _: None)
    free, used = pool.take(), pool.take()
    pool.give_back(free)
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os._exit(0 if pool.take() not in (free, used) else 1)
    assert 0.3 <= time.monotonic() - start < 3
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    pool.give_back(used)
    assert {id(pool.take()), id(pool.take())} == {id(free), id(used)}


def test_a_child_has_locks_of_its_own_on_the_file(sqlite: Place) -> None:
    token, other = sqlite.mint("alice"), sqlite.mint("bob")
    with sqlite.open() as reader:
        assert reader.verify(token)
        ready, done = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            os.write(ready[1], b"1" if reader.verify(other) else b"0")
            os.read(done[0], 1)
            os._exit(0)
        assert reader.verify(token)
        assert os.read(ready[0], 1) == b"1"
        # SQLite's SHARED lock; asked by a process of its own, since closing the file lets go of ours.
        asked = (
            "import fcntl, struct, sys; f = open(sys.argv[1], 'r+b');"
            "lock = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0x40000002, 510, 0);"
            "print(struct.unpack('hhqqi4x', fcntl.fcntl(f, fcntl.F_GETLK, lock))[4])"
        )
        found = subprocess.run([sys.executable, "-c", asked, sqlite.address], capture_output=True, text=True)
        os.write(done[1], b"1")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert found.stdout.strip() == str(child), found.stderr
        assert reader.verify(other)
