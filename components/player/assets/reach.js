/**
 * Whether the server's socket can be reached. A change is reported to Python until Python has changed the transport: a
 * report of a mount that the next script run does not draw is lost.
 */

const FIRST_TRIES = 3;
const TRIES = 6;
const FIRST_ANSWER_MS = 6_000;
const ANSWER_MS = 10_000;
const TELL_AGAIN_MS = 2_000;
const PROBE_MS = 30_000;

export class Reach {
  /** @param {string} url */
  constructor(url) {
    this.url = url;
    /** Whether an answer has ever come. */
    this.proven = false;
    this.failures = 0;
    /** How each mount of the page reports a change to Python. @type {Set<(reached: boolean) => void>} */
    this.tellers = new Set();
    this.telling = 0;
    this.probing = 0;
  }

  /** Milliseconds in which a new connection must have brought an answer. */
  patience() {
    return this.proven ? ANSWER_MS : FIRST_ANSWER_MS;
  }

  answered() {
    this.proven = true;
    this.failures = 0;
    this.settled();
  }

  /** A connection has failed; one that was `silent` until the patience ended counts for several. @param {boolean} silent */
  failed(silent) {
    this.failures += silent ? FIRST_TRIES : 1;
    if (this.hopeless() && !this.telling) this._tell(false);
  }

  hopeless() {
    return this.failures >= (this.proven ? TRIES : FIRST_TRIES);
  }

  /** The way is as it should be: nothing more to tell. */
  settled() {
    clearTimeout(this.telling);
    this.telling = 0;
  }

  /** While the frames come through Streamlit: try now and then whether the socket works again. */
  watch() {
    this.settled();
    this.failures = 0;
    clearTimeout(this.probing);
    this.probing = setTimeout(() => this.probe(), PROBE_MS);
  }

  stopWatching() {
    clearTimeout(this.probing);
    this.settled();
  }

  probe() {
    clearTimeout(this.probing);
    this.probing = setTimeout(() => this.probe(), PROBE_MS);
    const socket = new WebSocket(this.url);
    const patience = setTimeout(() => socket.close(), ANSWER_MS);
    socket.onopen = () => socket.send(JSON.stringify({ ping: 0 }));
    socket.onmessage = () => {
      clearTimeout(this.probing);
      socket.close();
      if (!this.telling) this._tell(true);
    };
    socket.onclose = () => clearTimeout(patience);
  }

  /** @param {boolean} reached */
  _tell(reached) {
    this.telling = setTimeout(() => this._tell(reached), TELL_AGAIN_MS);
    const teller = [...this.tellers].at(-1);
    if (teller === undefined) return;
    // The next time another one.
    this.tellers = new Set([teller, ...this.tellers]);
    teller(reached);
  }
}
