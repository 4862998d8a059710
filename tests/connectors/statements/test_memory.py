"""A statement of many entries is read in the memory of a few, whatever its format."""

import subprocess
import sys
import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest

from tests.connectors.statements.samples import SLOVAK, camt, entry, mt940
from tillway.connectors.statements.entries import StatementEntry
from tillway.connectors.statements.reading import open_statement

MANY = 20_000
MOST_MEMORY = 4 * 1024 * 1024

DETAIL = (
    "<TxDtls><Refs><EndToEndId>/VS1/SS/KS</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr></RltdPties>"
    "<RmtInf><Ustrd>thanks</Ustrd></RmtInf></TxDtls>"
)
LINES = (":61:261127C12,50NTRFNONREF//B-1", ":86:020?00Payment?20VS:1?21thanks?32Payer")
ROW = f"{SLOVAK},2026-11-27,12.50,EUR,credit,thanks\n".encode()
DOCUMENTS = {
    "camt.053": camt(entry(details=DETAIL)).replace(
        entry(details=DETAIL).encode(), MANY * entry(details=DETAIL).encode()
    ),
    "MT940": mt940(*MANY * LINES, closing=f"{MANY * 1250 // 100},00"),
    "CSV": b"account,date,amount,currency,direction,message\n" + MANY * ROW,
}

MEASURED = """
import resource, sys
from pathlib import Path
from tillway.connectors.statements.reading import open_statement
with open_statement(Path(sys.argv[1])) as statement:
    items = iter(statement)
    next(items), next(items)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in items:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.fixture(params=DOCUMENTS)
def document(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A file of twenty thousand entries."""
    path = tmp_path / "statement"
    path.write_bytes(DOCUMENTS[request.param])
    return path


def test_many_entries_are_read_in_the_memory_of_a_few() -> None:
    tracemalloc.start()
    try:
        with open_statement(BytesIO(DOCUMENTS["camt.053"])) as statement:
            count = sum(1 for item in statement if isinstance(item, StatementEntry))
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert count == MANY
    assert memory < MOST_MEMORY


def test_libraries_beneath_python_keep_nothing_of_many_entries_either(document: Path) -> None:
    """What libxml2 takes is seen by the system only, in kilobytes."""
    told = subprocess.run([sys.executable, "-c", MEASURED, str(document)], capture_output=True, text=True, check=True)
    assert int(told.stdout) < 2 * MOST_MEMORY // 1024
