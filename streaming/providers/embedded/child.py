"""The process of the embedded model: an OpenAI-compatible llama.cpp server on loopback that ends with its parent.

Run by its path, so that it imports nothing of the app: `python child.py MODEL_FILE`, with the API key in the
first line of standard input. It prints one line of JSON with its address, and exits when standard input closes. It is
a separate process because a crash in native code must not end the app, and because llama.cpp cannot be stopped during
a generation.
"""

import json
import os
import sys


def main(weights: str) -> None:
    """Serve until the parent's pipe closes."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = weights
    params.model_alias = {"SmolLM2-135M-Instruct"}
    params.port = 0
    params.api_keys = [sys.stdin.readline().strip()]
    params.n_parallel = 2
    params.n_ctx = 4096
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads(os.cpu_count() or 1)
    # The server's prompt cache in RAM has 8 GB by default; each slot caches its last prompt anyway.
    params.cache_ram_mib = 0
    # An answer at the end of the conversation is continued, and no new one begun.
    params.prefill_assistant = True
    params.ui = False
    params.endpoint_slots = False
    server = xllamacpp.Server(params)
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    os._exit(0)


def threads(cores: int) -> int:
    """Half the cores, at most four: if all cores are busy, llama.cpp's threads wait for each other."""
    return max(1, min(4, cores // 2))


if __name__ == "__main__":
    main(sys.argv[1])
