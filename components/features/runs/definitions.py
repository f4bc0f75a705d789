"""What each figure of a run means, and where its definition comes from."""

HELP = {
    "ttft_s": "Time to first token: from submission to the first chunk with visible text (`vllm bench serve`; NVIDIA "
    "AIPerf), the time in the queue included. An answer that came whole counts "
    "when it is there, a little before the end.",
    "first_text_s": "When the first text was drawn, from submission: where Streamlit's own ways draw it, that is later "
    "than its arrival (TTFT). An answer that came whole is drawn when it is there. Empty where nothing drew it, as in "
    "repeats.",
    "e2e_s": "End-to-end latency: from submission to the end of the run; with one model call this is E2EL of "
    "`vllm bench serve` and request latency of AIPerf.",
    "tpot_ms": "Time per output token after the first: (last output − first output) / (tokens − 1), as TPOT in "
    "`vllm bench serve`. NVIDIA's tools call this average ITL.",
    "itl_p95_ms": "Inter-token latency: the gap between two text chunks of one message, as ITL in `vllm bench serve`. "
    "This is the 95th percentile of the gaps within each run.",
    "continues": "The run that this one goes on with, after Stop, a failure, an answer or a fork. Its times count from "
    "that moment, so it counts in no latency figure of this page.",
    "part_of": "A run of its own, or one of a race, of a blind test or of repeats. Warm-ups, which repeats discard, "
    "count in no latency figure of this page, unless they are chosen in this filter.",
    "counted": "Whether it counts in the medians, percentiles and charts of latency: completed, from its beginning, "
    "and no warm-up. In the CSV, the same figures follow from the rows that say True.",
    "tokens_per_s": "Decode speed: output tokens after each message's first, per second in which at least one message "
    "streamed (output token throughput per user in AIPerf). With one message it is 1 / TPOT.",
    "wait_s": "Time from submission until the graph got its input: queue, rate limit and loading of the model. It is "
    "part of TTFT and E2E.",
}
