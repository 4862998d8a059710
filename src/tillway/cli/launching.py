"""Starting the server's processes, and what stands in their way."""

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

from tillway.cli.speaking import REFUSED, Stopped
from tillway.store.addresses import is_postgres
from tillway.store.sqlite import ServerLock

if TYPE_CHECKING:
    from tillway.settings import Settings

APPLICATION = "tillway.wiring:application"


def check_free(settings: "Settings") -> None:
    """Refuse a port or a SQLite file that another server has. Raises Stopped, FileTaken."""
    _check_port(settings.host, settings.port)
    if not is_postgres(settings.store):
        ServerLock(Path(settings.store)).release()


def start(settings: "Settings", more: dict[str, str] | None = None) -> None:
    """Serve until stopped, in processes that read the same settings from their environment."""
    from tillway.surfaces.common.http_server import serve

    os.environ.update(settings.as_environment() | (more or {}))
    serve(APPLICATION, settings.host, settings.port, settings.workers)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise Stopped(f"cannot listen on {host} port {port}: {error.strerror or error}", REFUSED) from None
