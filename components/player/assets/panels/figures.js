/** Measured figures in one row; what is not known yet is a dash. */

import { make, writeText } from "../dom.js";
import { bytes, count, duration } from "../format.js";

const rate = (value) => (typeof value === "number" ? `${value.toFixed(value < 10 ? 1 : 0)} tok/s` : "–");
const share = (value) => (typeof value === "number" ? `${Math.round(value * 100)}%` : "–");

/** As `vllm bench serve` defines it; all definitions with their sources are in `streaming/projections/metrics.py`. */
const ITL = "Inter-token latency, as in vLLM's benchmark: the gaps between two text chunks of a message, all pooled";

/** @type {Record<string, [string, string, (value: any) => string, string?]>} Label, meaning, form, and another name. */
const FIGURES = {
  wait_s: ["Wait", "From submission to the graph's input: queue, rate limit, loading of the model", duration],
  first_event_s: ["First event", "From submission to its first event", duration],
  first_node_s: ["First node", "From submission to its first node", duration],
  first_reasoning_s: ["First reasoning", "From submission to the first reasoning", duration],
  first_token_s: ["First token", "From submission to the first token of any kind: reasoning, text or a tool call", duration],
  ttft_s: ["TTFT", "Time to first visible token: from submission to the first text, with the wait and any thinking; a whole answer counts when it is there", duration, "answer_after_s"],
  first_text_s: ["First text", "From submission to the first text on screen", duration],
  arrived_s: ["Arrived", "From submission to the first text from the graph", duration, "first_text_s"],
  shown_s: ["First text", "From submission to the first text on screen, as it was drawn", duration],
  came_s: ["Arrived", "From submission to the first text from the graph; a whole answer comes at its end", duration],
  e2e_s: ["E2E", "End-to-end latency: from submission to the end of the run, with the wait", duration],
  itl_p50_s: ["ITL p50", `${ITL}, median`, duration],
  itl_p95_s: ["ITL p95", `${ITL}, 95th percentile`, duration],
  itl_p99_s: ["ITL p99", `${ITL}, 99th percentile`, duration],
  tpot_s: ["TPOT", "Time per output token after the first, as in vLLM's benchmark: decode time ÷ (output tokens − 1)", duration],
  tokens_per_s: ["Decode speed", "Tokens after each message's first, per second in which a message was streaming", rate],
  chunks: ["Chunks", "Pieces of text that arrived", count],
  output_tokens: ["Output tokens", "As the provider counts them", count],
  input_tokens: ["Input tokens", "As the provider counts them", count],
  events: ["Events", "Stream parts that LangGraph sent, in all modes of this run", count],
  bytes: ["Bytes", "Size of those parts as JSON; 1 KB is 1,000 bytes", bytes],
  attempts: ["Attempts", "Requests to the provider", count],
  ttft_share: ["TTFT share", "TTFT as a share of E2E", share],
};
const SHOWN = ["ttft_s", "e2e_s", "wait_s", "tokens_per_s", "events", "bytes"];

/** A figure's name; on a page with a glossary it is a link to its meaning there. */
function nameOf(label) {
  const name = make("dt");
  const [whole, first] = [label.toLowerCase().replaceAll(" ", "-"), label.split(" ")[0].toLowerCase()];
  const term = [whole, first].find((name) => Object.hasOwn(globalThis.streamingLabTerms ?? {}, name));
  const text = term ? name.appendChild(make("a")) : name;
  if (term) text.href = `#term-${term}`;
  text.textContent = label;
  return name;
}

export class Figures {
  static views = ["figures"];

  /** @param {{names?: string[]}} settings Which figures, in this order. */
  constructor({ names = SHOWN }) {
    this.element = make("dl");
    this.values = names
      .filter((name) => name in FIGURES)
      .map((name) => {
        const [label, meaning, form, of = name] = FIGURES[name];
        const box = make("div", ["arrived_s", "came_s"].includes(name) ? "sl-figure sl-lesser" : "sl-figure");
        box.title = meaning;
        const value = make("dd", "", "–");
        box.append(nameOf(label), value);
        this.element.append(box);
        return { of, form, value };
      });
  }

  /** @param {import("../view.js").View} view */
  paint(view) {
    for (const { of, form, value } of this.values) writeText(value, form(view.figures[of]));
  }
}
