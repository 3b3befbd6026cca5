"""The commands of `memfast`: arguments in, one line out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from memfast.bench.command import bench
from memfast.errors import ValidationError
from memfast.evaluation.command import eval_
from memfast.memory import Memory
from memfast.transfer.conversations import import_conversations

app = typer.Typer(
    help="Memories of users, agents and runs, in a directory of their own.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Store = Annotated[
    # As text: an empty one would become the Path of the working directory.
    str | None,
    typer.Option("--path", help="Directory of the store. Default: the user data directory."),
]
User = Annotated[str | None, typer.Option("--user-id", help="Whose memories.")]
Agent = Annotated[str | None, typer.Option("--agent-id", help="The agent that holds them.")]
Run = Annotated[str | None, typer.Option("--run-id", help="The session they come from.")]


app.command("bench")(bench)
app.command("eval")(eval_)


@app.callback()
def commands() -> None:
    """Memories of users, agents and runs, in a directory of their own."""


@app.command("import")
def import_(
    source: Annotated[
        str,
        typer.Argument(
            help="A .parquet, .csv or .jsonl(.gz) file, or a mem0 folder or .json file."
        ),
    ],
    *,
    path: Store = None,
    embedder: Annotated[
        str, typer.Option(help="The store's embedder; 'none' for vectors from outside.")
    ] = "static",
    dim: Annotated[
        int | None, typer.Option(help="Dimensions of a new store with --embedder none.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help="PART=NAME: the column that holds a part, such as memory=text."),
    ] = None,
    metadata: Annotated[
        list[str] | None, typer.Option(help="A column that becomes metadata; the others do not.")
    ] = None,
    vectors: Annotated[Path | None, typer.Option(help="An .npy file, one vector per row.")] = None,
    keep_vectors: Annotated[
        bool,
        typer.Option("--keep-vectors", help="Take a mem0 store's vectors: same model as here."),
    ] = False,
    user_id: User = None,
    agent_id: Agent = None,
    run_id: Run = None,
    on_conflict: Annotated[
        Literal["id", "hash", "fail"], typer.Option(help="What makes a row one that is there.")
    ] = "id",
    batch_rows: Annotated[int, typer.Option(min=1, help="Rows per commit.")] = 20_000,
    rejects: Annotated[
        Path | None, typer.Option(help="Where bad rows go. Default: SOURCE.rejects.jsonl.")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Stop at the first bad row.")] = False,
    progress: Annotated[
        bool | None, typer.Option(help="A bar on stderr. Default: if it is a terminal.")
    ] = None,
    file_format: Annotated[
        Literal["parquet", "csv", "jsonl", "mem0"] | None,
        typer.Option("--format", help="The format, where the name does not tell it."),
    ] = None,
    history: Annotated[
        Path | None,
        typer.Option(help="History of a mem0 store. Default: history.db in it or beside it."),
    ] = None,
    infer: Annotated[
        bool, typer.Option("--infer", help="Find facts: SOURCE is .jsonl of conversations.")
    ] = False,
    llm: Annotated[
        str | None,
        typer.Option(help="With --infer: the model, such as openai:gpt-5-mini. Default: rules."),
    ] = None,
    max_concurrency: Annotated[
        int, typer.Option(min=1, help="With --infer: conversations at a time.")
    ] = 8,
    outcomes: Annotated[
        Path | None,
        typer.Option(help="With --infer: what became of each. Default: SOURCE.outcomes.jsonl."),
    ] = None,
) -> None:
    """Store the memories of a file. Run again after an interruption, it goes on where it was."""
    if infer:
        scope = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}
        with _open(path, embedder, dim, llm) as memory:
            found = import_conversations(
                memory.add,
                source,
                scope=scope,
                outcomes=outcomes,
                strict=strict,
                max_concurrency=max_concurrency,
                progress=progress,
            )
        counts = ", ".join(f"{count:,} {status}" for status, count in sorted(found.counts.items()))
        typer.echo(
            f"{counts or 'nothing to do'}, {found.skipped:,} done before, "
            f"in {found.seconds:.1f} s: "
            f"see {found.outcomes}"
        )
        return
    # By way of Path, so that of a folder named with a slash they lie beside it and not inside.
    kept = rejects or Path(f"{Path(source)}.rejects.jsonl")
    if keep_vectors and vectors:
        raise ValidationError("--keep-vectors and --vectors exclude each other")
    columns: dict[str, Any] = dict(map(_pair, column or []))
    if metadata:
        columns["metadata"] = metadata
    with _open(path, embedder, dim) as memory:
        report = memory.import_(
            source,
            columns=columns,
            vectors=keep_vectors or vectors,
            user_id=user_id,
            agent_id=agent_id,
            run_id=run_id,
            on_conflict=on_conflict,
            batch_rows=batch_rows,
            rejects=kept,
            strict=strict,
            progress=progress,
            format=file_format,
            history=history,
        )
    bad = f", {report.rejected:,} rejected: see {kept}" if report.rejected else ""
    typer.echo(
        f"{report.rows:,} rows in {report.seconds:.1f} s, {report.embedded:,} embedded: "
        f"{report.added:,} added, {report.skipped:,} there before{bad}"
    )


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A .parquet, .csv or .jsonl(.gz) file.")],
    *,
    path: Store = None,
    user_id: User = None,
    agent_id: Agent = None,
    run_id: Run = None,
    vectors: Annotated[bool, typer.Option(help="Write the vectors too.")] = True,
    history: Annotated[
        bool, typer.Option("--history", help="Write the events into a file beside it.")
    ] = False,
    file_format: Annotated[
        Literal["parquet", "csv", "jsonl"] | None,
        typer.Option("--format", help="The format, where the name does not tell it."),
    ] = None,
) -> None:
    """Write all memories, or those of a scope, into a file."""
    # Vectors are written as they are, so that any store opens without its embedder.
    with Memory(path=path, embedder=None, read_only=True) as memory:
        report = memory.export(
            target,
            user_id=user_id,
            agent_id=agent_id,
            run_id=run_id,
            vectors=vectors,
            history=history,
            format=file_format,
        )
    typer.echo(f"{report.rows:,} memories in {report.path}")


def _open(path: str | None, embedder: str, dim: int | None, llm: str | None = None) -> Memory:
    return Memory(path=path, embedder=None if embedder == "none" else embedder, dim=dim, llm=llm)


def _pair(text: str) -> tuple[str, str]:
    part, sign, name = text.partition("=")
    if not (part and sign and name):
        raise ValidationError(f"--column {text!r} must read PART=NAME, such as memory=text")
    return part, name
