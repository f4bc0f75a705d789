"""The commands. What they need is imported when they run, so that the help is there at once."""

import json
from pathlib import Path
from typing import Annotated

import typer

from streaming.cli.entry import FAILED, Entry, sentences

app = typer.Typer(
    name="python -m streaming",
    help="Run, compare and replay streaming LangGraph graphs in the terminal.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables could show a key.
    pretty_exceptions_enable=False,
)

_Graph = Annotated[str, typer.Option("--graph", "-g", help="A name of `graphs`, or your own: agent.py:graph.")]
_Model = Annotated[str, typer.Option("--model", "-m", help="provider or provider:model; see `models`.")]
_Prompt = Annotated[str, typer.Argument(help="The prompt; the graph's first example if it is left out.")]
_Input = Annotated[
    str, typer.Option("--input", "-i", help="The graph's whole input as JSON; a prompt fills its field.")
]
_Context = Annotated[str, typer.Option("--context", help="LangGraph's run-time context as JSON, for a graph with one.")]
_Configurable = Annotated[str, typer.Option("--configurable", help="Values of the config's `configurable` as JSON.")]
_ItsGraph = Annotated[str, typer.Option("--graph", "-g", help="The run's graph if it is your own: agent.py:graph.")]
_Run = Annotated[str, typer.Argument(help="A file, the beginning of a run's id, or `last`.")]
_Lines = Annotated[bool, typer.Option("--json", help="One line of JSON for each event, as in recordings.")]
_Json = Annotated[bool, typer.Option("--json", help="One line of JSON for each item.")]


@app.command()
def run(
    context: typer.Context,
    prompt: _Prompt = "",
    graph: _Graph = "report",
    graph_input: _Input = "",
    context_values: _Context = "",
    configurable: _Configurable = "",
    model: _Model = "local",
    modes: Annotated[str, typer.Option(help="Stream modes with commas, or `all`.")] = "messages,updates,custom,tasks",
    base_url: Annotated[str | None, typer.Option(help="Address of a compatible server.")] = None,
    temperature: Annotated[float | None, typer.Option()] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Longest answer, in tokens.")] = None,
    ttft_ms: Annotated[int | None, typer.Option(help="Scripted model: time to the first token.")] = None,
    tokens_per_s: Annotated[float | None, typer.Option(help="Scripted model: its pace.")] = None,
    tokens: Annotated[int | None, typer.Option(help="Scripted model: length of each answer.")] = None,
    thinking_tokens: Annotated[int | None, typer.Option(help="Scripted model: tokens of reasoning.")] = None,
    as_json: _Lines = False,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write a recording to this file.")] = None,
) -> None:
    """Run a graph and draw what it streams; Ctrl-C stops it and keeps the partial answer.

    A run that is interrupted asks its questions here, and goes on with the answers.
    """
    with sentences():
        from streaming.cli.configuration import request_of
        from streaming.cli.graph_inputs import with_values
        from streaming.cli.graphs import chosen_graph, own_graph
        from streaming.cli.running import check_output, execute, tell_unused, tell_use_of_prompt

        entry, own = _entry(context), own_graph(graph)
        services = entry.open(own_graph=own)
        options = {
            **{"graph": chosen_graph(services.own_graphs, graph), "model": model, "modes": modes},
            **{"base_url": base_url, "temperature": temperature, "max_tokens": max_tokens, "ttft_ms": ttft_ms},
            **{"tokens_per_s": tokens_per_s, "tokens": tokens, "thinking_tokens": thinking_tokens},
        }
        request = request_of(services, options, prompt, graph_input=graph_input)
        request = with_values(request, context=context_values, configurable=configurable)
        tell_unused(request)
        if prompt and not graph_input:
            tell_use_of_prompt(request)
        if output is not None:
            check_output(output)
        code = execute(services, request, as_json=as_json, output=output)
    raise typer.Exit(code)


@app.command()
def resume(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="The id of an interrupted run, or its beginning, or `last`.")] = "last",
    answer: Annotated[
        list[str] | None, typer.Option("--answer", "-a", help="A text or JSON; NODE=VALUE where a run asks several.")
    ] = None,
    graph: _ItsGraph = "",
    as_json: _Lines = False,
) -> None:
    """Answer the questions of an interrupted run, and draw how it goes on."""
    with sentences():
        from streaming.cli.asking import ask, can_ask
        from streaming.cli.configuration import resume_request
        from streaming.cli.consoles import open_console
        from streaming.cli.graphs import check_thread, own_graph
        from streaming.cli.history import find_interrupted
        from streaming.cli.running import execute

        services = _entry(context).open(own_graph=own_graph(graph))
        run, answers = find_interrupted(services, source), answer or []
        check_thread(run)
        if not answers and can_ask() and run.ended is not None and run.ended.pending:
            given = ask(open_console(), run.ended.pending)
            answers = [f"{name}={json.dumps(value)}" for name, value in (given or {}).items()]
        code = execute(services, resume_request(services, run, answers), as_json=as_json)
    raise typer.Exit(code)


@app.command()
def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help="Parameters as in the app's URLs: 'model=scripted&ttft_ms=100'.")],
    second: Annotated[str, typer.Argument(help="The same for the other side.")],
    prompt: Annotated[str, typer.Option("--prompt", "-p")] = "",
    graph: _Graph = "report",
) -> None:
    """Run two configurations, one after the other, and say which was faster."""
    with sentences():
        from streaming.cli.comparing import compare as execute
        from streaming.cli.comparing import graphs_of
        from streaming.cli.graphs import own_graphs

        entry = _entry(context)
        services = entry.open(own_graph=own_graphs(graphs_of((first, second), graph=graph)))
        code = execute(services, (first, second), graph=graph, prompt=prompt)
    raise typer.Exit(code)


@app.command()
def replay(
    context: typer.Context,
    source: _Run,
    speed: Annotated[float, typer.Option(min=0.0, help="Multiple of the recorded pace; 0 is at once.")] = 1.0,
) -> None:
    """Draw a recording or a run of the history again."""
    with sentences():
        from streaming.cli.history import find_recording
        from streaming.cli.history import replay as draw

        draw(find_recording(lambda: _entry(context).open().run_store, source), speed=speed)


@app.command()
def runs(
    context: typer.Context,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=2000)] = 20,
    graph: Annotated[str, typer.Option(help="Only this graph.")] = "",
    model: Annotated[str, typer.Option(help="Only models with this text in their name.")] = "",
    status: Annotated[str, typer.Option(help="Only runs with this status, such as failed.")] = "",
    prompt: Annotated[str, typer.Option(help="Only prompts with this text.")] = "",
    as_json: _Json = False,
) -> None:
    """List the newest runs of the history."""
    with sentences():
        from streaming.cli.consoles import open_console
        from streaming.cli.history import CSV_COLUMNS, matching_rows, shown_row
        from streaming.cli.panels import draw_table
        from streaming.cli.safe_text import safe_json
        from streaming.core.serialization import to_json

        store = _entry(context).open().run_store
        rows = matching_rows(store, limit=limit, graph=graph, model=model, status=status, prompt=prompt)
        if as_json:
            for row in rows:
                print(safe_json(to_json({name: row[name] for name in CSV_COLUMNS})))
            return
        draw_table(open_console(), [shown_row(row) for row in rows])
        if not rows:
            print("No such run in the history.")


@app.command()
def export(
    context: typer.Context,
    source: _Run,
    file: Annotated[Path, typer.Argument(help="A name that ends in .jsonl (recording) or .csv (figures).")],
) -> None:
    """Write a run as a recording, or its figures as CSV."""
    with sentences():
        from streaming.cli.exporting import export as write_file

        write_file(lambda: _entry(context).open().run_store, source, file)
    print(f"Written: {file}")


@app.command()
def graphs(context: typer.Context, as_json: _Json = False) -> None:
    """List the graphs."""
    with sentences():
        from streaming.cli.consoles import open_console
        from streaming.cli.panels import draw_table
        from streaming.cli.safe_text import safe_json
        from streaming.core.serialization import to_json

        known = _entry(context).open().graphs
        found = [known.find(name) for name in known.names()]
        summaries = {graph.name: getattr(graph, "summary", "") for graph in found}
        if as_json:
            for name, summary in summaries.items():
                print(safe_json(to_json({"name": name, "summary": summary})))
            return
        draw_table(open_console(), [{"Graph": name, "What it does": text} for name, text in summaries.items()])


@app.command()
def models() -> None:
    """List the providers, their default models, and whether their key is set."""
    with sentences():
        from streaming.cli.consoles import open_console
        from streaming.cli.panels import draw_table
        from streaming.cli.providers import provider_rows

        draw_table(open_console(), provider_rows())


@app.command()
def diagnose(
    context: typer.Context,
    source: Annotated[str, typer.Argument(help="See `replay`.")] = "last",
    graph: _ItsGraph = "",
    as_json: _Json = False,
) -> None:
    """Say in sentences what is remarkable about a run; with its graph, why in the code."""
    with sentences():
        from streaming.cli.advice import advice_about, facts_at, is_own_and_not_loaded
        from streaming.cli.consoles import open_console, write
        from streaming.cli.graphs import own_graph
        from streaming.cli.history import find_recording, place_of_graph
        from streaming.cli.safe_text import safe_json
        from streaming.core.serialization import to_json

        services = _entry(context).open(own_graph=own_graph(graph))
        services.own_graphs.graphs()
        recording, facts = find_recording(lambda: services.run_store, source), None
        if is_own_and_not_loaded(recording, services.graphs):
            place = place_of_graph(services.run_store, source)
            facts = facts_at(place, interpreter=services.settings.python_of_graph)
        found = advice_about(recording, services.graphs, facts=facts)
        if as_json:
            for sentence in found:
                print(safe_json(to_json({"sentence": sentence})))
            return
        for sentence in found or ["Nothing remarkable."]:
            write(open_console(), sentence)


@app.command()
def doctor(context: typer.Context) -> None:
    """Check Python, packages, model, folders, keys (never shown), ports and databases."""
    with sentences():
        from streaming.cli.consoles import open_console, write
        from streaming.cli.doctor import checks

        console, failed = open_console(), False
        for check in checks(_entry(context).open()):
            mark, style = {True: ("ok", "green"), False: ("FAILED", "red"), None: ("info", "dim")}[check.ok]
            write(console, f"{mark:<7} ", style, end="")
            write(console, f"{check.name}: {check.text}")
            failed = failed or check.ok is False
    raise typer.Exit(FAILED if failed else 0)


def _entry(context: typer.Context) -> Entry:
    entry: Entry = context.obj
    return entry
