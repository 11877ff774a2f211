"""Bring the database up whose address stands on the standard input (it may hold a password), and stop."""

import asyncio
import sys

from storage.database import Database

asyncio.run(Database(sys.stdin.read()).migrate())
