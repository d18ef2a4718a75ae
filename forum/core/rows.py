"""Rows at the price of the database: statements that are built once, and items that no query of objects has made.

SQLAlchemy takes several times as long to build a statement, and to make objects of what comes, as SQLite does to
answer. What almost every request does goes this way; elsewhere the session is clearer, and quick enough.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, CursorResult, Executable, Select, bindparam, func, insert, inspect, select
from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Mapper, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from forum.core.db import Base, db, table_of

Item = TypeVar("Item", bound=Base)


class Prepared:
    """A statement about columns that is built once; what differs from time to time are its `bindparam`s.

    It runs in the transaction of the session.
    """

    def __init__(self, build: Callable[[], Executable]) -> None:
        # Later: a statement can be built only when all the tables that it names are known.
        self._statement = cache(build)

    def __call__(self, **values: object) -> Sequence[Any]:
        """The rows that a SELECT finds for these values."""
        return self.run(**values).all()

    def run(self, **values: object) -> CursorResult[Any]:
        """What comes of a statement that changes rows: `rowcount`, say. Items in memory do not hear of it."""
        session = db.session()
        connection: Connection | None = session.info.get("writing")
        if connection is None:
            connection = session.connection()
        else:
            session.flush()  # as a query of the session does by itself
        return connection.execute(self._statement(), values)


def read_again(item: Base, *names: str) -> None:
    """Read these columns of a loaded item, which `write()` has let go of, at a tenth of what a refresh of all costs.

    The others are read when they are asked for. Raises NoResultFound when the row is gone.
    """
    (key,) = inspect(item).identity or (None,)
    rows = _reading(inspect(type(item)).base_mapper, names)(key=key)
    if not rows:
        raise NoResultFound(f"{item!r} is not there any more.")
    for name, value in zip(names, rows[0], strict=True):
        set_committed_value(item, name, value)


def loaded(model: type[Item], row: Sequence[Any]) -> Item:
    """The item of this session that a row of `model`'s table tells of: all columns in their order, and maybe more.

    Of a kind that has a table of its own as well, what stands there is read when it is asked for. An item that the
    session has already stays as it is.
    """
    mapper = inspect(model)
    values = dict(zip(_names(mapper), row, strict=False))
    session = db.session()
    known = session.identity_map.get(mapper.identity_key_from_primary_key((values[_key(mapper)],)))
    if isinstance(known, model):
        return known
    item = _of_row(mapper, values)
    session.add(item)
    return cast(Item, item)


def apart(model: type[Item], row: Any) -> Item:
    """An item of no session, of a row that has the columns of `columns_of(model)`, and maybe more.

    What else is asked of it, it says that it cannot tell. Whoever keeps it disturbs nobody who has loaded the same.
    """
    mapper = inspect(model)
    return cast(Item, _of_row(mapper, {name: getattr(row, name) for name in mapper.column_attrs.keys()}))  # noqa: SIM118  # no dict


def columns_of(model: type[Base]) -> Select[Any]:
    """SELECT of all columns of a model, those of its kind's own table too, by the names of its attributes."""
    mapper = inspect(model)
    columns = (attribute.columns[0].label(attribute.key) for attribute in mapper.column_attrs)
    return select(*columns).select_from(mapper.persist_selectable)


def next_id(model: type[Base]) -> int:
    """The id that the next row of this table is to get, for what it takes part in. Inside `write()`."""
    ((number,),) = _numbering(inspect(model), db.engine.dialect.name)()
    return int(number)


def insert_now(item: Base) -> None:
    """Insert a new item that has its id and one table, and keep it as loaded: a flush takes three times as long.

    Inside `write()`. What the database itself is to compute must be given.
    """
    session, mapper, known = db.session(), inspect(type(item)), inspect(item).dict
    given = {name: known[name] for name in mapper.columns.keys() if name in known}  # noqa: SIM118  # no dict
    stored: Any = _inserting(mapper).run(**given)
    for name, value in (dict.fromkeys(mapper.columns.keys()) | stored.last_inserted_params()).items():
        if name not in given:
            set_committed_value(item, name, value)
    make_transient_to_detached(item)
    session.add(item)


def insert_once(model: type[Base], **values: object) -> bool:
    """Insert a row unless its key is there already; whether it was inserted. Two writers at once are both right.

    Inside `write()`.
    """
    # What comes back is the row; a count of rows would be -1 on PostgreSQL, whatever happened.
    return bool(_inserting_once(model, tuple(values), db.engine.dialect.name)(**values))


# They name columns of tables, not of models: a query of models would take twice as long.


def _of_row(mapper: Mapper[Any], values: Mapping[str, Any]) -> Any:
    """An item with these values of its columns, of the kind that they tell of; of no session yet."""
    if mapper.polymorphic_on is not None:
        mapper = mapper.polymorphic_map[values[mapper.polymorphic_on.name]]
    item: Any = mapper.class_manager.new_instance()
    inspect(item).dict.update(values)
    make_transient_to_detached(item)
    return item


@cache
def _names(mapper: Mapper[Any]) -> Sequence[str]:
    return [mapper.get_property_by_column(column).key for column in table_of(mapper.class_).c]


@cache
def _key(mapper: Mapper[Any]) -> str:
    (column,) = mapper.primary_key
    return mapper.get_property_by_column(column).key


@cache
def _reading(mapper: Mapper[Any], names: Sequence[str]) -> Prepared:
    (key,) = mapper.primary_key
    columns = [mapper.column_attrs[name].columns[0] for name in names]
    return Prepared(lambda: select(*columns).where(key == bindparam("key")))


@cache
def _numbering(mapper: Mapper[Any], engine: str) -> Prepared:
    (key,) = mapper.primary_key
    if engine == "sqlite":  # which would count on so by itself, and lets no other writer in
        return Prepared(lambda: select(func.coalesce(func.max(key), 0) + 1))
    return Prepared(lambda: select(func.nextval(func.pg_get_serial_sequence(str(key.table), key.name))))


@cache
def _inserting(mapper: Mapper[Any]) -> Prepared:
    return Prepared(lambda: insert(table_of(mapper.class_)))


@cache
def _inserting_once(model: type[Base], names: Sequence[str], engine: str) -> Prepared:
    # Only that of the engine in use: each takes megabytes.
    insert: Any = import_module(f"sqlalchemy.dialects.{engine}").insert
    table = table_of(model)
    row = insert(table).values({name: bindparam(name) for name in names}).on_conflict_do_nothing()
    return Prepared(lambda: row.returning(*table.primary_key))
