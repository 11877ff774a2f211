"""How closely it is watched, and how often operators are told: every span and number of that, in one place."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Vigilance:
    """The defaults are meant for a business; tests watch more closely."""

    tick: timedelta = timedelta(seconds=1)  # at which it is seen what is due

    # between two looks
    cases: timedelta = timedelta(seconds=2)
    records: timedelta = timedelta(seconds=30)
    provider: timedelta = timedelta(seconds=10)
    forgeries: timedelta = timedelta(seconds=10)
    balances: timedelta = timedelta(minutes=5)
    balances_again: timedelta = timedelta(minutes=1)  # after a look that the provider did not answer

    # what is worth a call
    overdue: timedelta = timedelta(minutes=5)  # since a leg should have been looked at
    late: timedelta = timedelta(minutes=10)  # since a customer should have been told
    unheard: timedelta = timedelta(days=3)  # for so long what a customer did not hear is shown
    silent: timedelta = timedelta(seconds=30)  # the provider has not answered for so long,
    silent_calls: int = 3  # in so many calls at least
    slow: timedelta = timedelta(seconds=5)  # it typically takes longer,
    slow_calls: int = 5  # in so many calls at least
    recent: timedelta = timedelta(minutes=5)  # of this time
    forged: int = 3  # callbacks, within
    forged_within: timedelta = timedelta(hours=1)  # and it is over after as long without one

    # how often it is told, of each kind
    ring: timedelta = timedelta(minutes=10)
    change: timedelta = timedelta(seconds=15)
    remind: timedelta = timedelta(hours=24)  # of what lasts
