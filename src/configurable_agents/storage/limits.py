"""Limits that all processes keep together: at most so much of something within the last so many seconds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select, text, update

from configurable_agents.storage.database import Database
from configurable_agents.storage.tables import reservations


@dataclass(frozen=True, slots=True)
class Reservation:
    """A part of a limit that was taken. Until it is settled all of it counts."""

    id: str
    name: str
    amount: float


class Limits:
    """Reservations, by the name of their limit. Its methods wait for the database: call them in a thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def reserve(
        self, name: str, amount: float, at_most: float, window_s: float, expires_s: float | None = None
    ) -> Reservation | None:
        """Take an amount where no more than `at_most` has been taken within the last `window_s` seconds, it included.

        None says that there is no room now. A reservation is forgotten after `expires_s` seconds, by default those of
        the window; name the longest window where a name has several.

        Raises:
            StoreError: `store_failed`.
        """
        columns = reservations.c
        made = Reservation(uuid.uuid4().hex, name, amount)
        database = self._database
        with database.writing() as connection:
            if not database.is_sqlite:  # which has one writer at a time anyway
                connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})
            now = connection.execute(select(database.now())).scalar_one()
            connection.execute(delete(reservations).where(columns.name == name, columns.expires_at <= now))
            since = now - _us(window_s)
            counted = select(func.sum(columns.amount)).where(columns.name == name, columns.time > since)
            if (connection.scalar(counted) or 0) + amount > at_most:
                return None
            expires = now + _us(window_s if expires_s is None else expires_s)
            row = {"id": made.id, "name": name, "amount": amount, "time": now, "expires_at": expires}
            connection.execute(insert(reservations).values(row))
        return made

    def settle(self, reservation: Reservation, amount: float) -> None:
        """Say how much it was in the end; from now on that counts.

        Raises:
            StoreError: `store_failed`.
        """
        found = update(reservations).where(reservations.c.id == reservation.id)
        with self._database.writing() as connection:
            connection.execute(found.values(amount=amount))


def _us(seconds: float) -> int:
    return int(seconds * 1_000_000)
