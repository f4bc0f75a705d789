"""Keys of widgets and names of query parameters that more than one module or page uses.

Most are both: a widget bound to the URL has its key as the name of its parameter, so renaming one breaks old links.
"""

RUN_PARAM = "run"
THREAD_PARAM = "thread"
AUTORUN_PARAM = "autorun"
SPEED_PARAM = "speed"
REPEATS_PARAM = "repeating"
BLIND_PARAM = "blind"
TRIED_PARAM = "tried"
COMPARED_PARAM = "compared"
COMPARE_PARAM = "compare"
RUN_PARAMS = (RUN_PARAM, REPEATS_PARAM, BLIND_PARAM)
"""What names runs in a URL, and so shows their answers and figures."""
VIEW_PARAM = "view"

GRAPH = "graph"
MODEL = "model"
PROMPT = "prompt"
RACE_PROMPT = "race_prompt"

FLUSH = "flush"
EVERY_TOKENS = "every_tokens"
EVERY_MS = "every_ms"

TTFT_MS = "ttft_ms"
TOKENS_PER_S = "tokens_per_s"
TOKENS = "tokens"
THINKING = "thinking"
CARRIED = (MODEL, "preset", TTFT_MS, TOKENS_PER_S, TOKENS, THINKING, "streams", "temperature", "max_tokens", "restart")
"""The fields of the model, which are the same on all pages."""

NODES = "nodes"
TAGS = "tags"
