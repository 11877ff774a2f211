"""The house itself: the database and its keys, the disk, who operates, and settings that are better set otherwise."""

import asyncio
import contextlib
import shutil
from pathlib import Path
from typing import Final

from sqlalchemy import make_url
from sqlmodel import Session

from bot.checks.ground import Ground
from bot.engine.customers import PHONE
from bot.engine.operators.check_results import Finding, doubtful, well, wrong
from storage import checking, migrations
from storage.errors import SealRefused, StorageError, StorageMisconfigured

LOW_BYTES: Final = 2 * 1024**3
FULL_BYTES: Final = 200 * 1024**2
_MEGABYTE: Final = 1024**2


async def tables(ground: Ground) -> Finding:
    """Whether the tables are those of this program."""
    try:
        stands, known = await ground.look(checking.revision), await asyncio.to_thread(migrations.revisions)
    except StorageMisconfigured:
        return doubtful("tables", "check.tables_none", "check.tables_none_do")
    except StorageError as error:
        return wrong("tables", "check.unknown", "check.again_do", why=type(error).__name__)
    if stands is None:
        return doubtful("tables", "check.tables_none", "check.tables_none_do")
    if stands not in known:
        return doubtful("tables", "check.tables_newer", "check.tables_newer_do", revision=stands)
    if migrations.outdated(stands, known):
        return doubtful("tables", "check.tables_behind", "check.tables_none_do", revision=stands, newest=known[0])
    return well("tables", "check.tables_ok", revision=stands)


async def keys(ground: Ground) -> Finding:
    """Whether ENCRYPTION_KEYS and DIGEST_KEY are those that the database was written with."""
    try:
        found = await ground.look(checking.some_phone)
    except StorageMisconfigured:  # there is no database yet
        found = None
    except StorageError as error:
        return doubtful("keys", "check.unknown", "check.again_do", why=type(error).__name__)
    if found is None:
        return well("keys", "check.keys_unused")
    keyring = ground.settings.keyring()
    sealed, digest = found
    try:
        phone = keyring.open(sealed, context=PHONE)
    except SealRefused:
        return wrong("keys", "check.keys_wrong", "check.keys_wrong_do")
    if keyring.digest(phone, context=PHONE) != digest:
        return wrong("keys", "check.keys_digest", "check.keys_wrong_do")
    return well("keys", "check.well")


async def history(ground: Ground) -> Finding:
    """Whether the payments in the database are of this environment."""
    environment = ground.settings.kotani_environment

    def look(session: Session) -> list[str]:
        return checking.other_environments(session, environment)

    try:
        others = await ground.look(look)
    except StorageMisconfigured:
        others = []
    except StorageError as error:
        return doubtful("history", "check.unknown", "check.again_do", why=type(error).__name__)
    if others:
        return doubtful("history", "check.history_mixed", "check.history_mixed_do", other=", ".join(others))
    return well("history", "check.well", environment=environment)


async def disk(ground: Ground) -> Finding:
    """Whether there is room where the database is, or for the logs where that is elsewhere."""
    folder = _folder(ground)
    free = (await asyncio.to_thread(shutil.disk_usage, folder)).free
    values = {"free": f"{free // _MEGABYTE:,}", "folder": str(folder)}
    if free < FULL_BYTES:
        return wrong("disk", "check.disk_free", "check.disk_do", **values)
    if free < LOW_BYTES:
        return doubtful("disk", "check.disk_free", "check.disk_do", **values)
    return well("disk", "check.disk_free", **values)


async def processes(ground: Ground) -> Finding:
    """Whether the database is one that several processes can share."""
    if not _is_sqlite(ground):
        return well("processes", "check.processes_several")
    if ground.in_production:
        return doubtful("processes", "check.processes_one", "check.processes_one_do")
    return well("processes", "check.processes_one")


async def backups(ground: Ground) -> Finding:
    """A reminder: whether there are backups cannot be seen from here."""
    hint = "check.backups_sqlite_do" if _is_sqlite(ground) else "check.backups_postgresql_do"
    return well("backups", "check.backups", hint)


async def owners(ground: Ground) -> Finding:
    """Whether there is somebody who can act when something waits for a person."""
    count = len(ground.settings.owner_ids)
    with contextlib.suppress(StorageError):  # tables that are not there yet hold nobody
        count += await ground.look(checking.owners)
    if count == 0:
        said = wrong if ground.in_production else doubtful
        return said("owners", "check.owners_none", "check.owners_none_do")
    return well("owners", "check.owners_ok", count=count)


async def support(ground: Ground) -> Finding:
    """Whether customers know whom to turn to."""
    if ground.settings.support_contact is None:
        return doubtful("support", "check.support_none", "check.support_none_do")
    return well("support", "check.well")


async def logs(ground: Ground) -> Finding:
    """Whether logs are as long as a production's should be."""
    level = ground.settings.log_level
    if level == "debug" and ground.in_production:
        return doubtful("logs", "check.logs_level", "check.logs_level_do", level=level)
    return well("logs", "check.logs_level", level=level)


def _is_sqlite(ground: Ground) -> bool:
    return make_url(ground.settings.database_url.get_secret_value()).drivername.startswith("sqlite")


def _folder(ground: Ground) -> Path:
    """The folder of the SQLite file, or the one that we run in; the nearest that is there."""
    url = make_url(ground.settings.database_url.get_secret_value())
    folder = Path(url.database or "").absolute().parent if _is_sqlite(ground) else Path.cwd()
    return next(one for one in (folder, *folder.parents) if one.is_dir())
