"""Record again what LangGraph sends: `python -m tools.record_golden`; review the difference before it is committed.

The files are in `tests/support/data/langgraph`, and `tests/unit/streaming/runtime/test_golden_streams.py` compares them
with the installed LangGraph.
"""

import asyncio

from tests.support.golden_streams import CASES, FOLDER, path_of, streamed, write


async def main() -> None:
    """Record every case, and delete the files of cases that are gone."""
    for graph, stream in CASES:
        write(graph, stream, await streamed(graph, stream))
    known = {path_of(graph, stream) for graph, stream in CASES}
    for path in set(FOLDER.glob("*.jsonl")) - known:
        path.unlink()
    print(f"{len(known)} streams are recorded in {FOLDER}.")


if __name__ == "__main__":
    asyncio.run(main())
