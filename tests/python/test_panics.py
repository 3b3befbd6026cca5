"""A panic of the core is a typed error, and no call waits forever; the clock may be wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.python.preload import library, needs_preload, run

# The clock fails or returns 1960, as a file decides.
CLOCK = """
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *now) {
    const char *broken = getenv("CLOCK_BROKEN"), *early = getenv("CLOCK_EARLY");
    if (clock == CLOCK_REALTIME && broken && access(broken, F_OK) == 0) {
        errno = EINVAL;
        return -1;
    }
    int failed = syscall(SYS_clock_gettime, clock, now);
    if (clock == CLOCK_REALTIME && early)
        now->tv_sec = -315619200;
    return failed;
}
"""

pytestmark = needs_preload


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return library(tmp_path_factory.mktemp("clock"), CLOCK)


def test_memories_are_stored_under_a_clock_before_1970(clock: Path, tmp_path: Path) -> None:
    script = """
        import time
        from memfast import Memory

        assert time.time() < 0
        with Memory(path=STORE) as memory:
            for text in ("first", "second"):
                memory.add(text, user_id="ann", infer=False)
            found = memory.get_all(user_id="ann")["results"]
            print(sorted(item["memory"] for item in found), len({item["id"] for item in found}))
            print(found[0]["created_at"][:10])
    """
    script = script.replace("STORE", repr(str(tmp_path / "store")))
    out = run(clock, script, CLOCK_EARLY="1")
    assert out == ["['first', 'second'] 2", "1970-01-01"]


def test_a_panic_inside_a_commit_is_a_typed_error(clock: Path, tmp_path: Path) -> None:
    """Every caller gets an exception of memfast, and none waits forever."""
    broken = tmp_path / "broken"
    script = f"""
        import pathlib, threading
        from memfast import Memory
        from memfast.errors import DatabaseError, StorePoisonedError

        def add(memory, text):
            try:
                memory.add(text, user_id="ann", infer=False)
            except DatabaseError as error:
                return type(error).__name__, error.error_code
            return "stored", None

        memory = Memory(path={str(tmp_path / "store")!r})
        broken = pathlib.Path({str(broken)!r})
        print(*add(memory, "first"))
        broken.touch()
        outcomes = []
        threads = [
            threading.Thread(target=lambda: outcomes.append(add(memory, "later")), daemon=True)
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        broken.unlink()
        print(len(outcomes), ("DatabaseError", "INTERNAL_ERROR") in outcomes)
        print(all(name in ("DatabaseError", "StorePoisonedError") for name, _ in outcomes))
        memory.close()
        with Memory(path={str(tmp_path / "store")!r}) as memory:
            print(*add(memory, "again"))
            print(len(memory.get_all(user_id="ann")["results"]))
    """
    out = run(clock, script, CLOCK_BROKEN=str(broken))
    assert out == ["stored None", "4 True", "True", "stored None", "2"]
