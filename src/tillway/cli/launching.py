"""Starting the server's processes, and what stands in their way."""

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from tillway.cli.speaking import MISUSED, REFUSED, Stopped
from tillway.store.addresses import is_postgres
from tillway.store.sqlite import ServerLock

if TYPE_CHECKING:
    from tillway.settings import Settings

APPLICATION = "tillway.wiring:application"


def check_free(settings: "Settings", *, neighbours: int = 0) -> None:
    """Refuse a port (or so many that follow it) or a SQLite file that another server has. Raises Stopped, FileTaken."""
    for place in range(neighbours + 1):
        _check_port(settings.host, settings.port + place)
    if not is_postgres(settings.store):
        ServerLock(Path(settings.store)).release()


def start(settings: "Settings", more: dict[str, str] | None = None, *, neighbours: int = 0) -> None:
    """Serve until stopped, in processes that read the same settings from their environment."""
    from tillway.surfaces.common.http_server import serve

    os.environ.update(settings.as_environment() | (more or {}))
    serve(APPLICATION, settings.host, settings.port, settings.workers, neighbours=neighbours)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OverflowError:
        raise Stopped(f"cannot listen on {host} port {port}: there is no such port", MISUSED) from None
    except OSError as error:
        raise Stopped(f"cannot listen on {host} port {port}: {error.strerror or error}", REFUSED) from None
