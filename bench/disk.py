"""The disk under a benchmark: which file system it is, and how often a second it can make a write durable."""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BLOCK = b"\xa5" * 8192
BLOCKS = 2048
UNSAFE = {"tmpfs", "ramfs", "overlay"}
"""Here nothing is durable, or it cannot be seen whether it is."""


@dataclass(frozen=True, slots=True)
class Disk:
    """A folder to work in, and the kind of its file system."""

    folder: Path
    file_system: str


def choose() -> Disk:
    """The first of the usual folders for temporary files that lies on a disk."""
    found = [
        Disk(folder, file_system(folder)) for folder in (Path(tempfile.gettempdir()), Path("/var/tmp"), Path.cwd())
    ]
    return next((disk for disk in found if disk.file_system not in UNSAFE), found[0])


def file_system(folder: Path) -> str:
    """The kind of the file system that a folder lies on, as the kernel calls it."""
    mounts = [line.split()[1:3] for line in Path("/proc/self/mounts").read_text().splitlines()]
    here = folder.resolve()
    return max((Path(place), kind) for place, kind in mounts if here.is_relative_to(place))[1]


def syncs_per_second(folder: Path, seconds: float, *, grows: bool) -> float:
    """How often 8 KiB can be written and made durable (`fdatasync`), one after the other.

    In a file that is there already, as PostgreSQL reuses its write-ahead log, or at the end of one that `grows`.
    """
    handle, name = tempfile.mkstemp(prefix="tillway-disk-", dir=folder)
    try:
        if not grows:
            os.write(handle, BLOCK * BLOCKS)
            os.fsync(handle)
        count = 0
        started = time.perf_counter()
        while (passed := time.perf_counter() - started) < seconds:
            os.pwrite(handle, BLOCK, (count if grows else count % BLOCKS) * len(BLOCK))
            os.fdatasync(handle)
            count += 1
        return count / passed
    finally:
        os.close(handle)
        Path(name).unlink()


def processors() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0))
