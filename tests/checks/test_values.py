"""That values of the domain cannot be changed is held by the type checker, and this shows that it would notice."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

PLANTED = """\
from tillway.domain.money import Money

price = Money(1, "NOK")
price.minor = 2
"""


def test_assigning_to_a_field_of_a_value_is_noticed(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text(PLANTED)
    command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, str(planted)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert "reportAttributeAccessIssue" in said.stdout
    assert 'Attribute "minor" is read-only' in said.stdout or "frozen" in said.stdout
    assert "1 error" in said.stdout
