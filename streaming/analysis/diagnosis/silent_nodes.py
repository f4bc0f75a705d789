"""Causes for which a node that asks a model sends no token, in the order in which one hides the others."""

from collections.abc import Callable, Iterator, Mapping

from streaming.analysis.diagnosis.evidence import Evidence, node_path
from streaming.analysis.diagnosis.facts import Call, NodeFacts, place_in
from streaming.analysis.diagnosis.finding import Finding, finding_at
from streaming.analysis.diagnosis.returned_text import (
    cure_of_finished,
    finding_of_text,
    heard_no_model,
    joined_pieces,
    returned_texts,
    without_a_model,
)
from streaming.core.events import Updates

_NO_STREAM = "nostream"
_FINISHED = "“{node}” returned a finished message: no LangChain model ran in it, so LangGraph had no tokens to stream."


def causes_of_silence(evidence: Evidence) -> Iterator[Finding]:
    """One cause for each node that ran and of which no text came in pieces."""
    if not evidence.asks_for_tokens:
        return
    unexplained, made = True, returned_texts(evidence)
    texts = made if heard_no_model(evidence) else {}
    for path, node in evidence.facts.nodes.items():
        # What a subgraph hides when nobody asked for it is not the fault of the nodes in it.
        hidden = "/" in path and not evidence.subgraphs
        if node.subgraph or hidden or not evidence.has_run(path) or evidence.streamed(path):
            continue
        causes = (found for rule in _RULES if (found := rule(evidence, node)) is not None)
        finding = next(causes, None) or joined_pieces(evidence, node, made) or without_a_model(evidence, node, texts)
        if finding is not None:
            unexplained = False
            yield finding
    if unexplained:
        yield from _by_the_log_alone(evidence, texts)


def _by_the_log_alone(evidence: Evidence, texts: Mapping[str, int]) -> Iterator[Finding]:
    """What can be said without the graph's code: the engine noticed that the model does not stream."""
    if evidence.fallback is not None:
        yield Finding(
            cause="not-streaming",
            sentence=f"The model did not stream ({evidence.fallback.reason}), so nothing could be shown while it "
            "wrote.",
            cure="Choose a model that streams, or show progress from the node while it waits.",
        )
    elif cached := _cached_nodes(evidence):
        node = evidence.facts.nodes.get(cached[0])
        yield Finding(
            cause="cached",
            node=cached[0],
            file=node.file if node else None,
            line=node.line if node else None,
            sentence=f"The result of “{cached[0]}” came from LangGraph's cache: the node did not run, and no token "
            "came.",
            cure="Leave the node without a `cache_policy` if its tokens are wanted each time.",
        )
    elif not evidence.facts.nodes and not evidence.writes:
        paths = dict.fromkeys(node_path(message.ns, message.node) for message in evidence.answers)
        for path in paths:
            if evidence.finished_message_of(path) and not evidence.streamed(path):
                yield Finding(
                    cause="raw-client",
                    node=path,
                    sentence=_FINISHED.format(node=path),
                    cure=cure_of_finished(evidence),
                )
        # A graph in a node that was not asked for may have a model.
        if evidence.subgraphs:
            yield from (finding_of_text(evidence, path, chars) for path, chars in texts.items())


def _cached_nodes(evidence: Evidence) -> list[str]:
    """The nodes whose result is of LangGraph's cache; what is kept from before a question is marked like it."""
    if evidence.facts.no_node_cache:
        return []
    return [
        name
        for entry in evidence.events
        if isinstance(entry.event, Updates) and entry.event.cached
        for name in entry.event.deltas
    ]


def _raw_client(evidence: Evidence, node: NodeFacts) -> Finding | None:
    calls = node.calls_of("raw client")
    if not calls or evidence.writes > 1:
        return None
    return finding_at(
        calls[0],
        "raw-client",
        node,
        f"“{node.path}” asks the provider by its own client, which LangChain's callbacks do not see: no token came.",
        cure_of_finished(evidence),
    )


def _finished_message(evidence: Evidence, node: NodeFacts) -> Finding | None:
    """A request by HTTP or a client that the code does not name: the log shows what came of it."""
    asks = node.calls_of("model", "sync model", "structured", "nested graph") or evidence.facts.models_of(node.path)
    # A call that blocks explains the silence, and is named by itself.
    told_of_itself = evidence.writes > (0 if node.writes else 1)
    if asks or node.calls_of("blocking") or told_of_itself or not evidence.finished_message_of(node.path):
        return None
    return finding_at(None, "raw-client", node, _FINISHED.format(node=node.path), cure_of_finished(evidence))


def _no_stream_tag(evidence: Evidence, node: NodeFacts) -> Finding | None:
    calls = node.calls_of("no stream tag")
    tagged = any(_NO_STREAM in model.get("tags", ()) for model in evidence.facts.models_of(node.path))
    # Beside a model that streams, the tag is meant, unless its answer became a message of the state nevertheless.
    meant = any(message.chunks > 1 for message in evidence.answers) and not _said_whole(evidence, node)
    if meant or not (calls or tagged):
        return None
    return finding_at(
        calls[0] if calls else None,
        "nostream",
        node,
        f"The model of “{node.path}” has the tag `nostream`, which keeps its tokens out of the stream.",
        "Remove the tag where a reader should see the text; keep it for answers that only the program needs.",
    )


def _lost_context(evidence: Evidence, node: NodeFacts) -> Finding | None:
    calls = node.calls_of("lost context")
    if calls and calls[0].fields.get("callbacks"):
        return _own_callbacks(calls[0], node)
    if calls and calls[0].fields.get("method"):
        return finding_at(
            calls[0],
            "lost-context",
            node,
            f"“{node.path}” calls `{calls[0].fields['method']}`, which takes no callbacks from the context: LangGraph "
            "hears no token.",
            "Call `invoke`, `ainvoke` or `astream` of the model.",
        )
    if calls:
        return finding_at(
            calls[0],
            "lost-context",
            node,
            f"“{node.path}” calls the model in a thread or task that gets no copy of the context, so LangGraph's "
            "callbacks are lost and no token comes.",
            "Await the model in the node, use `asyncio.to_thread`, or pass the node's `config` to the model.",
        )
    bare = [call for call in node.calls_of("model") if call.fields.get("config") is False]
    if not (evidence.facts.before_3_11 and node.is_async and bare):
        return None
    return finding_at(
        bare[0],
        "lost-context",
        node,
        f"“{node.path}” does not pass its config to the model, and before Python 3.11 asyncio tasks lose the context: "
        "no token came.",
        "Let the node take `config: RunnableConfig`, and call `model.ainvoke(prompt, config)`.",
    )


def _own_callbacks(call: Call, node: NodeFacts) -> Finding:
    return finding_at(
        call,
        "lost-context",
        node,
        f"“{node.path}” gives the model `callbacks` of its own, in place of those by which LangGraph hears tokens.",
        "Leave `callbacks` out of the config, or pass on the config of the node.",
    )


def _cached(evidence: Evidence, node: NodeFacts) -> Finding | None:
    # A message that the node made itself is of no cache, although every model of the process may have one.
    whole = [one for one in evidence.answers_of(node.path) if one.whole and evidence.said_by_a_model(one)]
    caches = evidence.facts.llm_cache or any(model.get("cache") for model in evidence.facts.models_of(node.path))
    if not whole or not caches:
        return None
    return finding_at(
        _first_model_call(node),
        "cached",
        node,
        f"The answer of “{node.path}” came from the cache of models: it was there at once, in one piece.",
        "Set `cache=False` on the model whose tokens a reader should see.",
    )


def _not_streaming(evidence: Evidence, node: NodeFacts) -> Finding | None:
    # A model that does not stream is heard too, at its end: a silent node did not ask it.
    if not evidence.answers_of(node.path) and evidence.fallback is None:
        return None
    models = evidence.facts.models_of(node.path)
    if (unable := next((model for model in models if model.get("can_stream") is False), None)) is not None:
        return _unable(unable, node)
    setting = next(filter(None, map(_why_not, models)), None)
    calls = node.calls_of("no streaming")
    if setting is None and calls:
        setting = f"is built with `{'streaming=False' if 'streaming=False' in calls[0].text else 'disable_streaming'}`"
    if setting is None and evidence.fallback is not None and (node.calls_of("model", "sync model")):
        setting = f"did not stream ({evidence.fallback.reason})"
    if setting is None:
        return None
    return finding_at(
        calls[0] if calls else _first_model_call(node),
        "not-streaming",
        node,
        f"The model of “{node.path}” {setting}, so nothing could be shown while it wrote.",
        f"{'Build the model' if calls else 'Here it is called: build it'} without that setting; where a provider "
        "cannot stream, show progress instead.",
    )


def _unable(model: dict[str, object], node: NodeFacts) -> Finding:
    """A model whose class has no method that streams: one of the author's is named where it is written."""
    name, (file, line) = model.get("class"), place_in(model)
    written = file is not None
    place = Call(kind="model", text="", file=file, line=line, fields={}) if written else _first_model_call(node)
    return finding_at(
        place,
        "not-streaming",
        node,
        f"The model of “{node.path}” (`{name}`) has neither `_astream` nor `_stream`, so its answer came whole.",
        f"Write `_astream` in `{name}`, which yields each piece; where the provider cannot stream, show progress."
        if written
        else "Choose a model that streams, or show progress from the node while it waits.",
    )


def _why_not(model: dict[str, object]) -> str | None:
    if model.get("disable_streaming") == "tool_calling":
        return 'is built with `disable_streaming="tool_calling"`, which holds its answers back as long as it has tools'
    if model.get("disable_streaming") is True:
        return "is built with `disable_streaming=True`"
    return "is built with `streaming=False`" if model.get("streaming") is False else None


def _structured(evidence: Evidence, node: NodeFacts) -> Finding | None:
    calls = node.calls_of("structured")
    held = any(model.get("structured") for model in evidence.facts.models_of(node.path))
    # Beside text that streams it is meant: this answer is for the program.
    if not (calls or held) or any(message.chunks > 1 for message in evidence.answers):
        return None
    return finding_at(
        calls[0] if calls else _first_model_call(node),
        "structured-output",
        node,
        f"“{node.path}” asks for structured output, which is parsed when it is complete: it arrives whole.",
        "Read the fragments of the tool call, or stream JSON as text and parse the incomplete text.",
    )


def _came_whole(evidence: Evidence, node: NodeFacts) -> Finding | None:
    """The log alone shows it: an answer with the id that LangChain gives what a model has said, in one piece."""
    if not _said_whole(evidence, node):
        return None
    if calls := node.calls_of("own callbacks"):
        # Of an object that is not known before the node runs: that it is a model is known by now.
        return _own_callbacks(calls[0], node)
    return finding_at(
        _first_model_call(node),
        "not-streaming",
        node,
        f"The answer of “{node.path}” came in one piece: its model did not stream.",
        "Look where the model is made: a setting such as `streaming=False`, or a client that cannot stream.",
    )


def _said_whole(evidence: Evidence, node: NodeFacts) -> bool:
    """Whether a reader got an answer of a model of LangChain's in this node, in one piece."""
    return any(one.whole and one.text and evidence.said_by_a_model(one) for one in evidence.answers_of(node.path))


def _nested(evidence: Evidence, node: NodeFacts) -> Finding | None:
    # A graph that asks no model, or whose nodes are heard, has no token to lose.
    calls = [call for call in node.calls_of("nested graph") if call.fields.get("asks_model") is not False]
    if not calls or evidence.heard_inside(node.path):
        return None
    cure = (
        "Add the graph as a node, and call the outer one with `subgraphs=True`."
        if not evidence.subgraphs
        else "Add the graph as a node, or pass on the config of the node unchanged."
    )
    return finding_at(
        calls[0],
        "nested-graph",
        node,
        f"“{node.path}” calls another graph itself, and none of its tokens reached this stream.",
        cure,
    )


_RULES: tuple[Callable[[Evidence, NodeFacts], Finding | None], ...] = (
    _raw_client,
    _no_stream_tag,
    _lost_context,
    _cached,
    _not_streaming,
    _structured,
    _nested,
    _came_whole,
    _finished_message,
)


def _first_model_call(node: NodeFacts) -> Call | None:
    return next(iter(node.calls_of("model", "sync model")), None)
