"""What every committed file keeps to: no host of a package registry, no path of one machine, and readable sources."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 350

# In pieces, so that this file does not name them either.
REGISTRIES = [
    "".join(pieces)
    for pieces in (
        ("pypi", ".org"),
        ("python", "hosted.org"),
        ("registry.", "npmjs"),
        ("registry.", "yarnpkg"),
        ("npmjs", ".com"),
        ("deb.", "debian.org"),
        ("archive.", "ubuntu.com"),
        ("rubygems", ".org"),
        ("crates", ".io"),
        ("proxy.", "golang.org"),
        ("repo", ".maven.apache.org"),
        ("docker", ".io"),
        ("ghcr", ".io"),
    )
]
INDEX_OPTIONS = re.compile(r"(?:--|^\s*)(?:extra-)?(?:index-url|find-links)\b", re.MULTILINE)
MACHINE_PATHS = re.compile(r"(?<![\w.}~-])/(?:home|root|work|farm|Users|mnt)/\w|[A-Z]:\\{1,2}Users")


def _committed() -> list[Path]:
    """The files git keeps, and new ones it would."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for name in listed.split("\0") if name and (path := ROOT / name).is_file()]


COMMITTED = _committed()
SOURCES = [path for path in COMMITTED if path.suffix == ".py"]


def _names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def _text(path: Path) -> str:
    return path.read_text(errors="replace")


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_file_names_a_package_registry(host: str) -> None:
    assert _names([path for path in COMMITTED if host in _text(path).lower()]) == []


def test_no_file_chooses_a_package_index() -> None:
    assert _names([path for path in COMMITTED if path != Path(__file__) and INDEX_OPTIONS.search(_text(path))]) == []


def test_no_file_names_a_path_of_one_machine() -> None:
    assert _names([path for path in COMMITTED if MACHINE_PATHS.search(_text(path))]) == []


def test_no_source_file_is_too_long_to_read() -> None:
    assert _names([path for path in SOURCES if len(_text(path).splitlines()) > LONGEST_FILE]) == []


def test_every_module_opens_by_saying_what_it_is() -> None:
    assert _names([path for path in SOURCES if not ast.get_docstring(ast.parse(_text(path)))]) == []


def test_every_opening_sentence_ends() -> None:
    openings = {path: (ast.get_docstring(ast.parse(_text(path))) or "").partition("\n\n")[0] for path in SOURCES}
    assert _names([path for path, opening in openings.items() if not opening.endswith(".")]) == []
