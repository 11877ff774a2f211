"""Writes a revision from the difference between the tables in the code and the tables that the revisions make.

    python -m storage.migrations.revise "add a column for the till"     a further revision, to be read and corrected
    python -m storage.migrations.revise --first                         write 0001 anew (only before the first release)

It works on a throw-away SQLite file, so it needs no database. CHECK constraints that are added to a table that exists
already are not seen by the comparison: write those by hand. Run the storage tests afterwards: they compare both
engines.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

import click
from alembic import command
from sqlalchemy import create_engine

from storage.migrations import FOLDER, configuration, revisions, upgrade

VERSIONS = FOLDER / "versions"
FIRST = "0001"


@click.command()
@click.argument("message", required=False)
@click.option("--first", is_flag=True, help="Write the first revision anew.")
def revise(message: str | None, first: bool) -> None:
    """Write a revision file."""
    if first:
        later = [path.name for path in VERSIONS.glob("[0-9]*.py") if not path.name.startswith(FIRST)]
        if later:
            raise click.UsageError(f"there are later revisions: {', '.join(sorted(later))}")
        for path in VERSIONS.glob(f"{FIRST}_*.py"):
            path.unlink()
        message = "first"
    if not message:
        raise click.UsageError("say in a few words what the revision does")
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'revise.db'}")
        if not first:
            upgrade(engine)
        with engine.connect() as connection:
            newest = 0 if first else int(revisions()[0])
            command.revision(configuration(connection), message, autogenerate=True, rev_id=f"{newest + 1:04d}")
        engine.dispose()
    for path in VERSIONS.glob("[0-9]*.py"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.strip().startswith("# ###")))
    # laid out first, since what was generated has long lines, and again after the imports were put in order
    for tool in (["format", "--quiet"], ["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(VERSIONS)], check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    revise()
