/** What other pages import: a renderer on an element, fed by the server or by hand. */

export { drawMarkdown, GrowingMarkdown } from "./markdown.js";
export { Playback } from "./playback.js";
export { PlaybackClock } from "./playback_clock.js";
export { Player } from "./player.js";
export { Replay } from "./replay.js";
export { RunMap } from "./run_map.js";
export { Transport } from "./transport.js";
export { View } from "./view.js";
