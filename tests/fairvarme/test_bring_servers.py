"""The script that installs servers waits for others who install, and says what it could not do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

SCRIPT = Path(__file__).parents[2] / "scripts" / "bring-servers"
TOOLS = ("bash", "env", "grep", "id", "mktemp", "sleep", "sudo", "tail")
# As apt-get 2.6 says it; the first call finds the lists locked.
APT_GET = """\
#!/bin/sh
echo "$*" >>"{directory}/calls"
if [ "$(wc -l <"{directory}/calls")" -eq 1 ]; then
  echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)" >&2
  exit 100
fi
case "$*" in *install*) {install} ;; esac
"""
INFLUXD = 'printf "#!/bin/sh\\n" >"{directory}/influxd"; chmod +x "{directory}/influxd"'


def bring(directory: Path, install: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the script where there is no InfluxDB, with an apt-get that does what is given."""
    for name in (*TOOLS, "wc", "chmod"):
        program = shutil.which(name)
        if program is not None:
            (directory / name).symlink_to(program)
    if os.geteuid() != 0 and subprocess.run(["sudo", "-n", "true"], check=False).returncode:
        pytest.skip("installs for root, or with a sudo that asks nothing")
    apt_get = directory / "apt-get"
    apt_get.write_text(APT_GET.format(directory=directory, install=install))
    apt_get.chmod(0o755)
    return subprocess.run(
        [str(directory / "bash"), str(SCRIPT), "influxd"],
        env={"PATH": str(directory), "TMPDIR": str(directory)} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_waits_while_another_holds_a_lock(tmp_path: Path) -> None:
    done = bring(tmp_path, INFLUXD.format(directory=tmp_path), CI="true")
    assert (done.returncode, done.stderr) == (0, "")
    first, again, install = (tmp_path / "calls").read_text().splitlines()
    assert "update" in first
    assert first == again
    assert install.endswith("install -y --no-install-recommends influxdb")
    assert all("DPkg::Lock::Timeout=" in call for call in (first, install))


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)])
def test_says_what_is_missing(tmp_path: Path, ci: str, code: int) -> None:
    done = bring(tmp_path, "exit 100", CI=ci)
    assert done.returncode == code
    assert "influxd is missing: integration tests that need it are skipped" in done.stdout
