"""Who else could put another store in the place of this one: the rule by rows, and that it is said once."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from places import Place

from keyctl_runtime.folder import Refused, doubt, examine
from keyctl_runtime.sqlite import GLANCE

ROWS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parents[3] / "tests" / "folders.json").read_text()
)
OTHER = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")


@pytest.fixture
def away() -> Iterator[Path]:
    """A folder that every user may go through."""
    with tempfile.TemporaryDirectory(prefix="keyctl-python-") as made:
        folder = Path(os.path.realpath(made))
        folder.chmod(0o755)
        yield folder


@pytest.fixture
def store(away: Path) -> Path:
    """A file named `outer/inner/keys.db`."""
    path = away / "outer" / "inner" / "keys.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    return path


def give(path: Path, mode: str, user: int, group: int) -> None:
    if os.geteuid() == 0:
        os.chown(path, user, group)
    path.chmod(int(mode, 8))


def needs_root(row: dict[str, Any]) -> bool:
    given = [number for name in ("outer", "inner", "file") for number in row[name][1:]]
    return any(given) or "beside" in row or "reader" in row


def disguise(store: Path, way: str | None) -> None:
    """Puts a link in the file's place, or gives it a second name."""
    other = store.with_name("other.db")
    if way == "hard link":
        os.link(store, other)
    elif way is not None:
        store.rename(other)
        store.symlink_to(other.name)


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, id=row["name"], marks=[as_root] if needs_root(row) else []) for row in ROWS],
)
def test_each_row_is_judged_as_it_says(store: Path, row: dict[str, Any]) -> None:
    inner, outer = store.parent, store.parent.parent
    if "beside" in row:
        suffix, user = row["beside"]
        beside = Path(f"{store}{suffix}")
        beside.touch()
        os.chown(beside, user, 0)
    for path, name in ((store, "file"), (inner, "inner"), (outer, "outer")):
        give(path, *row[name])
    way = row.get("way")
    disguise(store, way)
    judge = lambda path: examined(path, way == "followed link")  # noqa: E731
    said = judged(store, row.get("reader", os.geteuid()), row["file"][2], judge)
    expected = row.get("refuses", row.get("says"))
    if expected is None:
        assert said is None
        return
    word, _, rest = expected.partition(" ")
    named = {"outer": outer, "inner": inner}.get(word) or inner / word
    doubted = "" if "hard links" in rest else "others can replace the store: "
    kind = "refused: " if "refuses" in row else doubted
    assert said is not None
    assert said.startswith(f"{kind}{named} {rest}")
    assert said == f"{kind}{named} {rest}" or "refuses" in row


def examined(path: str, follows_link: bool) -> str | None:
    try:
        return examine(path, follows_link)
    except Refused as refused:
        return f"refused: {refused}"


def judged(path: Path, user: int, group: int, judge: Callable[[str], str | None] = doubt) -> str | None:
    """By a process of this user, and of this group if that is another one."""
    if user == os.geteuid():
        return judge(str(path))
    before = os.geteuid(), os.getegid()
    os.setegid(group)
    os.seteuid(user)
    try:
        # What cannot be looked at is not judged.
        path.stat()
        return judge(str(path))
    finally:
        os.seteuid(before[0])
        os.setegid(before[1])


def test_links_of_the_users_own_are_followed_to_the_folder_that_counts(store: Path, away: Path) -> None:
    for link, leads in (("door", "outer/inner"), ("way", "./outer/../door"), ("far", str(away / "way"))):
        (away / link).symlink_to(leads)
        assert doubt(str(away / link / "keys.db")) is None
    (away / "name.db").symlink_to("far/keys.db")
    assert doubt(str(away / "name.db")) is None
    store.parent.chmod(0o777)
    for path in ("door/keys.db", "far/keys.db", "name.db"):
        assert doubt(str(away / path)) == f"{store.parent} (mode 0777) can be written by everybody"


@as_root
def test_a_link_of_another_users_is_told_also_behind_one_of_ones_own(store: Path, away: Path) -> None:
    (away / "door").symlink_to("outer/inner")
    (away / "way").symlink_to("outer/../door")
    os.lchown(away / "door", OTHER, OTHER)
    for path in ("door/keys.db", "way/keys.db"):
        assert doubt(str(away / path)) == f"{away / 'door'} is a link of another user's"
    # That user's own links are another matter for that user.
    assert judged(away / "way" / "keys.db", OTHER, OTHER) is None
    assert doubt(str(store)) is None


def test_what_cannot_be_looked_at_is_left_to_opening_it(away: Path) -> None:
    (away / "circle").symlink_to("circle")
    for path in ("missing.db", "missing/keys.db", "circle", "circle/keys.db"):
        assert doubt(str(away / path)) is None


@pytest.fixture
def shared(away: Path) -> Place:
    """A store in a folder that all may write, since it was made."""
    place = Place(str(away / "outer" / "keys.db"))
    (away / "outer").chmod(0o777)
    return place


def once(caplog: pytest.LogCaptureFixture, folder: Path) -> None:
    said = [(one.name, one.levelname, one.getMessage()) for one in caplog.records]
    text = f"others can replace the store: {folder} (mode 0777) can be written by everybody"
    assert said == [("keyctl_runtime", "WARNING", text)]


def test_a_reader_warns_once_and_answers(shared: Place, away: Path, caplog: pytest.LogCaptureFixture) -> None:
    # Its own change would be refused there.
    (away / "outer").chmod(0o755)
    token = shared.mint("alice")
    (away / "outer").chmod(0o777)
    path = Path(shared.address)
    with shared.open() as reader:
        assert not caplog.records, "nothing is looked at before the first look-up"
        with ThreadPoolExecutor(4) as threads:
            tokens = [token, *(f"{token[:-1]}{end}" for end in "abcdefg")] * 4
            assert any(threads.map(reader.verify, tokens))
        # Nor again for the next file that has the name.
        copy = path.with_suffix(".copy")
        shutil.copy(path, copy)
        copy.rename(path)
        reader._cache.drop_all()
        time.sleep(2 * GLANCE)
        assert reader.verify(token)
    once(caplog, away / "outer")


def test_so_does_one_for_asyncio(shared: Place, away: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def ask() -> None:
        async with shared.open_async() as reader:
            await asyncio.gather(*(reader.verify(f"sks_{number}") for number in range(8)))

    asyncio.run(ask())
    once(caplog, away / "outer")


def test_a_store_of_ones_own_is_opened_without_a_word(
    sqlite: Place, caplog: pytest.LogCaptureFixture
) -> None:
    token = sqlite.mint("alice")
    with sqlite.open() as reader:
        assert reader.verify(token)
    assert not caplog.records
