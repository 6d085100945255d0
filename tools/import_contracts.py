"""The `vendors` contract of import-linter: other people's libraries, default-deny.

Its table, `rooms` in pyproject.toml, names each library that may be imported and the modules that may import
it, relative to the root package; a room holds the modules below it too. What is neither in the standard
library nor in the table may not be imported at all. Imports inside functions and under `TYPE_CHECKING` count
like any other.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output

Rooms = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, order=True)
class Trespass:
    """An import that the table doesn't allow, with its places: line number and source text."""

    importer: str
    vendor: str
    lines: tuple[tuple[int, str], ...]


class RoomsField(fields.Field[Rooms]):
    """A table of library → list of rooms."""

    def parse(self, raw_data: object) -> Rooms:
        """The table, checked.

        Raises:
            fields.ValidationError: it is no table of lists of names, or a library has no room.
        """
        if not isinstance(raw_data, dict):
            message = "Expected a table of library = [rooms]."
            raise fields.ValidationError(message)
        table: dict[str, tuple[str, ...]] = {}
        for vendor, rooms in raw_data.items():
            if not isinstance(rooms, list) or not rooms or not all(isinstance(room, str) for room in rooms):
                message = f"Expected a list of rooms for {vendor}."
                raise fields.ValidationError(message)
            table[vendor] = tuple(rooms)
        return table


class VendorsContract(Contract):
    """Checks that each library is imported only in its rooms, and none that has no rooms."""

    type_name = "vendors"

    rooms = RoomsField()

    @property
    def _table(self) -> Rooms:
        return cast("Rooms", self.rooms)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: FBT001 - the base's signature
        """Compares every import that leaves the root packages with the table."""
        roots = set(self.session_options["root_packages"])
        trespasses: list[Trespass] = []
        lived_in: set[tuple[str, str]] = set()
        for importer in graph.modules:
            root, _, module = importer.partition(".")
            if root not in roots:
                continue
            for imported in graph.find_modules_directly_imported_by(importer):
                vendor = imported.partition(".")[0]
                if vendor in roots or vendor in sys.stdlib_module_names:
                    continue
                rooms = [room for room in self._table.get(vendor, ()) if _is_in(module, room)]
                lived_in.update((vendor, room) for room in rooms)
                if not rooms:
                    details = graph.get_import_details(importer=importer, imported=imported)
                    lines = sorted((detail["line_number"], detail["line_contents"]) for detail in details)
                    trespasses.append(Trespass(importer, vendor, tuple(lines)))
        listed = {(vendor, room) for vendor, rooms in self._table.items() for room in rooms}
        return ContractCheck(
            kept=not trespasses,
            metadata={"trespasses": sorted(trespasses)},
            warnings=[
                f"Nothing in {room} imports {vendor}: its room could be taken out of the table."
                for vendor, room in sorted(listed - lived_in)
            ],
        )

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Prints each import that is not allowed, its lines, and where it would be."""
        for trespass in check.metadata["trespasses"]:
            rooms = self._table.get(trespass.vendor)
            output.print_error(f"{trespass.importer} is not allowed to import {trespass.vendor}:")
            for number, text in trespass.lines:
                output.print_error(f"  line {number}: {text}", bold=False)
            output.print(f"  rooms: {', '.join(rooms)}" if rooms else "  it is not in the table of vendors")
            output.new_line()


def _is_in(module: str, room: str) -> bool:
    return module == room or module.startswith(room + ".")
