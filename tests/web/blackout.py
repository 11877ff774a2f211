"""A server on a disk that remembers what was flushed: `blackout.py DATABASE_URL SECRET FOLDER SYNCHRONOUS`.

Writes its address and serves the endpoint for callbacks. `POST /cut` puts what would be left after a loss of power into
folders, one for each way in which the disk may lose what was not flushed. SYNCHRONOUS is empty for what is our own.
"""

import asyncio
import sys
from pathlib import Path

from disk import Disk, loaded_library
from prometheus_client import CollectorRegistry, Counter
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

import storage.sqlite_writer
from bot.engine.clock import utc_now
from bot.engine.intake import CallbackIntake
from bot.engine.wakes import Wakes
from bot.web.callbacks import CallbackEndpoint
from bot.web.server import serving
from storage.crypto import Keyring
from storage.database import Database
from storage.sqlite_connect import WriterConnection

WAYS = 12


async def main(url: str, secret: str, folder: str, synchronous: str) -> None:
    """Serve until killed."""
    library = loaded_library()
    if library is None:
        sys.stdout.write("unwatchable\n")
        return
    disk = Disk(library)
    connect = storage.sqlite_writer.connect_writer

    def connect_writer(path: Path) -> WriterConnection:
        connection = connect(path)
        if synchronous:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection

    storage.sqlite_writer.connect_writer = connect_writer
    database = Database(url)
    await database.start()
    counter = Counter("callbacks", "By outcome.", ["outcome"], registry=CollectorRegistry())
    intake = CallbackIntake(database, Keyring({"k": bytes(32)}, digest_key=bytes(32)), utc_now, Wakes())

    async def cut(_request: Request) -> Response:
        for way in range(WAYS):
            images = disk.images(way)
            place = Path(folder) / str(way)
            place.mkdir()
            for path, data in images.items():
                (place / Path(path).name).write_bytes(data)
        return Response()

    routes = [CallbackEndpoint(intake, [secret.encode()], counter).route(), Route("/cut", cut, methods=["POST"])]
    async with serving(Starlette(routes=routes), "127.0.0.1", 0) as address:
        sys.stdout.write(f"{address}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
