"""What the watch reads is what the process holds."""

from __future__ import annotations

import mmap
import sys
from pathlib import Path

import pytest

from labs_lib.zoo.memory import Watch

SIZE = 40_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells mapped pages from anonymous ones")


@linux
def test_what_is_written_is_anonymous() -> None:
    watch = Watch()
    with mmap.mmap(-1, SIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as held:  # never memory that was freed before
        with watch.stage("write"):
            for start in range(0, SIZE, mmap.PAGESIZE):
                held[start] = 1
        readings = watch.stages["write"]
    assert 0.9 * SIZE < readings[-1].anonymous - readings[0].anonymous < 1.3 * SIZE
    assert abs(readings[-1].mapped) < 0.1 * SIZE


@linux
def test_pages_of_a_file_are_mapped(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"1" * SIZE)
    watch = Watch()
    with (tmp_path / "file").open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as pages:
        with watch.stage("map"):
            assert abs(watch.read().mapped) < 0.1 * SIZE  # nothing has been looked at
        with watch.stage("look"):
            sum(pages[:: mmap.PAGESIZE])
        reading = watch.stages["look"][-1]
    assert reading.mapped > 0.9 * SIZE
    assert reading.anonymous < 0.1 * SIZE


def test_a_stage_is_read_at_both_ends_and_ends_with_an_error_too() -> None:
    watch = Watch()
    with pytest.raises(ValueError, match="inside"), watch.stage("fails"):
        raise ValueError("inside")
    assert len(watch.stages["fails"]) >= 2
