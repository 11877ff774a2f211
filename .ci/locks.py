"""Whether the lock files are what pyproject.toml asks for: compiled again with the locked versions preferred.

Newer releases do not matter here, only names, versions and markers. Without a registry this cannot be told; then it
says so and leaves it to `tests/house/test_locks.py`, which compares the lock files with what is installed.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
RUN, DEV = "requirements.lock", "requirements-dev.lock"
OPTIONS = ("--generate-hashes", "--universal", "--no-header", "--no-annotate", "--quiet")


def pins(text: str) -> set[str]:
    """The lines that name a version, without their hashes."""
    return {line.rstrip(" \\") for line in text.splitlines() if re.match(r"[A-Za-z0-9]", line)}


def compiled(name: str, *options: str) -> set[str] | None:
    """The pins of a lock file that is compiled again from itself; None when that could not be done here."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / name
        shutil.copyfile(ROOT / name, copy)
        uv = [str(Path(sys.executable).with_name("uv")), "pip", "compile", "pyproject.toml", *OPTIONS, *options]
        done = subprocess.run(
            [*uv, "-o", str(copy)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        if done.returncode == 0:
            return pins(copy.read_text())
        if "No solution found" in done.stderr and "network" not in done.stderr:
            sys.exit(f"{name}: pyproject.toml asks for what no release offers\n{done.stderr}")
        return None


def main() -> None:
    """Exit with a message when a lock file is out of step."""
    for name, options in ((RUN, ()), (DEV, ("--group", "dev", "-c", RUN))):
        wanted = compiled(name, *options)
        if wanted is None:
            print(f"{name}: no registry to compile it with; compared with what is installed by the tests only")
            continue
        locked = pins((ROOT / name).read_text())
        if wanted != locked:
            changes = [f"  + {pin}" for pin in sorted(wanted - locked)]
            changes += [f"  - {pin}" for pin in sorted(locked - wanted)]
            sys.exit(f"{name} is not in step with pyproject.toml; run `make lock`:\n" + "\n".join(changes))
    print("lock files: in step with pyproject.toml")


if __name__ == "__main__":
    main()
