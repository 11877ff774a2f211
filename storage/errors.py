"""What can go wrong with the database, cut by what a caller can do about it.

```
StorageError
├── StorageMisconfigured   the address or a key is unusable: nothing starts until a person changes a setting
├── StorageLocked          another process holds the SQLite file
├── SchemaOutdated         the tables are older than the program: migrate first
├── SealRefused            a sealed value cannot be opened: changed, for another column, or under an unknown key
│   └── UnknownKey         ... the last: the key that sealed it is not in the setting any more
└── StorageUnavailable     not now: nothing was written, the same call may be made again later
    ├── StorageBusy        waited too long for a turn
    └── CommitUnknown      the answer to COMMIT was lost: it may or may not have been written; look before writing again
```

No message contains a database address, a password, a key or a value from a row.
"""


class StorageError(Exception):
    """Base of everything that the storage raises itself. A constraint that refuses a row is SQLAlchemy's own error."""


class StorageMisconfigured(StorageError):
    """A setting of the storage cannot be used. The message names it and says what to do, never its value."""


class NoDatabase(StorageMisconfigured):
    """There is nothing to look at where a setting leads: no file, or one without tables."""


class StorageLocked(StorageError):
    """Another process works on this SQLite file."""


class SchemaOutdated(StorageError):
    """The database's tables are older than this program."""


class SealRefused(StorageError):
    """A sealed value was changed, belongs to another context, or is not a sealed value."""


class UnknownKey(SealRefused):
    """A value was sealed under a key that the setting no longer names."""


class StorageUnavailable(StorageError):
    """The database could not do it now. Nothing was written, and trying again later is safe."""


class StorageBusy(StorageUnavailable):
    """Too much is waiting for the database. Nothing was written, and trying again later is safe."""


class CommitUnknown(StorageUnavailable):
    """The connection failed while committing: the work may or may not be written. Look before trying again."""
