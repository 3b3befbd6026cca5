"""The result of a query, apart from the database that it was read from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memfast.errors import ValidationError

if TYPE_CHECKING:
    import duckdb

    from memfast.stores.protocol import Selection

# No extension is looked for on the network or in the user's home.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# Of results: without threads, so that they may outlive a fork; nothing is spilled to disk.
HELD: dict[str, str | bool | int | float | list[str]] = {
    **SETTINGS,
    "threads": "1",
    "temp_directory": "",
}
# Python variables are no tables, and SQL reads nothing but its database.
LOCKS = (
    "set python_enable_replacements = false",
    "set arrow_lossless_conversion = true",
    "set enable_external_access = false",
    "set lock_configuration = true",
)
TABLE = "__result"


class _Stream:
    """A relation as a producer of Arrow: DuckDB takes none of another database."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self._relation = relation

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        del requested_schema  # the protocol lets a producer keep its own
        return self._relation.__arrow_c_stream__()


def lock(connection: duckdb.DuckDBPyConnection) -> None:
    """Take from SQL of others the means to reach anything but the database."""
    for statement in LOCKS:
        connection.execute(statement)


def connect_results() -> duckdb.DuckDBPyConnection:
    """Return a connection to a new database that holds results."""
    import duckdb

    try:
        connection = duckdb.connect(":memory:", config={**HELD, "async_threads": "0"})
    except duckdb.InvalidInputException:
        # DuckDB 1 has no such threads, and no such setting.
        connection = duckdb.connect(":memory:", config=HELD)
    lock(connection)
    return connection


def narrowed(cursor: duckdb.DuckDBPyConnection, within: Selection) -> duckdb.DuckDBPyConnection:
    """Return a connection to a database whose `history` and `memories` are those of a scope.

    They are tables of their own, so that no name in a query reaches the rows of others.

    Args:
        cursor: A connection to the projection, for this query alone.
        within: The ids of the scope.
    """
    named = {name: getattr(within, name) for name in ("user_id", "agent_id", "run_id")}
    ids = {name: list(values) for name, values in named.items() if values and "*" not in values}
    where = " and ".join(f"{name} in (select unnest(?))" for name in ids) or "true"
    copy = connect_results()
    cursor.execute("begin transaction read only")
    for view in ("history", "memories"):
        picked = f"create temp table __{view} as select * from {view} where {where}"  # noqa: S608 - names of ours
        cursor.execute(picked, list(ids.values()))
        copy.register("rows", _Stream(cursor.table(f"temp.__{view}")))
        copy.execute(f"create table {view} as from rows")
        copy.unregister("rows")
    cursor.execute("rollback")
    return copy


def single_select(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return the text of the one SELECT that a query is.

    Raises:
        ValidationError: It is something else.
    """
    import duckdb

    if not isinstance(query, str):
        raise ValidationError(f"the query must be text, not {type(query).__name__}")
    try:
        query.encode()
        statements = connection.extract_statements(query)
    except (duckdb.Error, UnicodeError) as error:
        raise ValidationError(f"the query cannot be parsed: {error}") from error
    kinds = [statement.type for statement in statements]
    if kinds != [duckdb.StatementType.SELECT]:
        found = ", ".join(kind.name for kind in kinds) or "nothing"
        raise ValidationError(
            f"sql() takes a single SELECT, not {found}", details={"query": query[:80]}
        )
    return statements[0].query.strip().rstrip(";")


def read(
    cursor: duckdb.DuckDBPyConnection,
    holder: duckdb.DuckDBPyConnection,
    query: str,
    params: object,
) -> duckdb.DuckDBPyRelation:
    """Run a SELECT, and return its rows in a table of another database.

    The rows are read to their end here: what is returned depends on neither the file nor its
    threads, so closing, `reset` and a fork leave it as it is.

    Args:
        cursor: A connection to the projection, for this query alone.
        holder: A connection to the database of results, which belongs to the result.
        query: One statement, without a semicolon.
        params: Its parameters.
    """
    # From DuckDB 2.0 on a statement that writes in its WITH is of type SELECT, too. A table in
    # memory is made in such a transaction all the same.
    cursor.execute("begin transaction read only")
    into = f"create temp table {TABLE} as "
    cursor.execute(f"{into} select * from (\n{query}\n)", params)  # noqa: S608 - one statement, as parsed
    holder.register("rows", _Stream(cursor.table(f"temp.{TABLE}")))
    holder.execute(f"{into} from rows")
    holder.unregister("rows")
    return holder.table(f"temp.{TABLE}")
