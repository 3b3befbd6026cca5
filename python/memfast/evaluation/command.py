"""The command `memfast eval`: a file of questions in, tables or JSON out."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from memfast.errors import ValidationError
from memfast.evaluation.files import read
from memfast.evaluation.fitting import WEIGHTS, Fit, fit
from memfast.evaluation.run import MODES, Evaluation, evaluate
from memfast.evaluation.storing import Form
from memfast.memory import Memory
from memfast.transfer.progress import progress_of

# Columns where the width of the output is not known.
PLAIN_WIDTH = 140


def eval_(
    file: Annotated[
        str, typer.Argument(help="A JSON list of conversations with turns and questions.")
    ],
    *,
    form: Annotated[
        Form,
        typer.Option(
            "--as",
            help="messages: as they were said; notes: texts alone; facts: add(infer=True), where a "
            "hit counts for every turn that it comes from.",
        ),
    ] = "messages",
    mode: Annotated[
        list[str] | None, typer.Option(help="A mode of search. Default: all of them.")
    ] = None,
    embedder: Annotated[str, typer.Option(help="The embedder.")] = "static",
    llm: Annotated[
        str | None,
        typer.Option(help="With --as facts: the model that finds them. Default: rules."),
    ] = None,
    rerank: Annotated[
        str | None, typer.Option(help="A reranker of the hits, such as cross-encoder:MODEL.")
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0, max=1, help="Least score of a hit that counts as an answer.")
    ] = 0.5,
    without: Annotated[
        list[str] | None,
        typer.Option(help="A number of the ranking that counts nothing, such as vector."),
    ] = None,
    relative_dates: Annotated[
        bool,
        typer.Option(
            help='Read dates such as "last week" in questions, and count them from today. They '
            "mislead where the conversations are old."
        ),
    ] = True,
    half_life: Annotated[
        float | None, typer.Option(help="Days of the option half_life of each search.")
    ] = None,
    mmr: Annotated[float | None, typer.Option(help="The option mmr of each search.")] = None,
    fit_weights: Annotated[
        bool,
        typer.Option(
            "--fit",
            help="Fit the weights of hybrid searches to half of the questions, and judge them by "
            "the other half.",
        ),
    ] = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Ask so many questions, the first of the file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    progress: Annotated[
        bool | None, typer.Option(help="A bar on stderr. Default: if it is a terminal.")
    ] = None,
) -> None:
    """Measure whether searches find the turns that answer the questions of a file.

    Each conversation is a user of a store in memory, each question a search of that user.
    """
    modes = _chosen("--mode", mode, MODES) or MODES
    left_out = _chosen("--without", without, tuple(WEIGHTS))
    if fit_weights and (mode or rerank or half_life or mmr):
        raise ValidationError(
            "--fit is about hybrid searches without adjustments: "
            "leave out --mode, --rerank, --half-life and --mmr"
        )
    adjusted = {"half_life": half_life, "mmr": mmr}
    conversations = read(file)
    options: dict[str, Any] = {"rerank": rerank} if rerank is not None else {}
    if not relative_dates:
        options["reference_date"] = False
    options |= {name: value for name, value in adjusted.items() if value is not None}
    done: Evaluation | Fit
    with (
        Memory(path=":memory:", embedder=embedder, llm=llm) as memory,
        progress_of(progress, unit="turns") as storing,
        progress_of(progress, unit="questions") as asking,
    ):
        if fit_weights:
            done = fit(
                memory,
                conversations,
                form,
                without=left_out,
                limit=limit,
                options=options,
                storing=storing,
                asking=asking,
            )
        else:
            done = evaluate(
                memory,
                conversations,
                form,
                modes=modes,
                threshold=threshold,
                limit=limit,
                options={**options, "weights": dict.fromkeys(left_out, 0.0)},
                storing=storing,
                asking=asking,
            )
    from rich.console import Console

    from memfast.evaluation import report

    if as_json:
        about = {
            "file": file,
            "as": form,
            "embedder": embedder,
            "llm": llm,
            "rerank": rerank,
            "without": left_out,
            "relative_dates": relative_dates,
            **adjusted,
        }
        typer.echo(report.as_json(done, **about))
        return
    # A file or a pipe has no width.
    console = Console() if sys.stdout.isatty() else Console(width=PLAIN_WIDTH)
    title = f"{file} as {form}, embedder {embedder}"
    if left_out:
        title += f", without {', '.join(left_out)}"
    for table in report.tables(done, title):
        console.print(table)
    if isinstance(done, Fit):
        typer.echo(report.verdict(done))


def _chosen(option: str, given: list[str] | None, known: tuple[str, ...]) -> tuple[str, ...]:
    """Return the values of an option, each once.

    Raises:
        ValidationError: One of them is not known.
    """
    for name in given or ():
        if name not in known:
            raise ValidationError(
                f"{option}: there is no {name!r:.80}", suggestion=f"Pick from {', '.join(known)}."
            )
    return tuple(dict.fromkeys(given or ()))
