/** What other pages import: a renderer on an element, fed by the server or by hand. */

export { drawMarkdown, GrowingMarkdown } from "./markdown.js";
export { Playback } from "./playback.js";
export { Player } from "./player.js";
export { View } from "./view.js";
