"""The command line: everything an operator does, beside a running gateway or without one.

Modules are imported when their command runs, so that `tillway --help` answers at once.
"""

from tillway.cli.commands import app

__all__ = ["app"]
