// The phone's line to its car: newest wish first, a heartbeat, and again when it breaks.

const GAP_MS = 40;
const REPEAT_MS = 250;
const BEAT_MS = 500;
const AGAIN_MS = 700;
const DEAF_MS = 4000;
const REPLACED = 4001;

export class Seat {
  // `onLine(isUp)` when the line comes or goes; `onReplaced()` when another tab took over.
  constructor({ onLine, onReplaced }) {
    this.onLine = onLine;
    this.onReplaced = onReplaced;
    this.wish = { t: 0, l: 0, f: false };
    this.isDriving = false;
    this.sentAt = 0;
    this.pending = null;
    this.number = 0;
    this.roundTripMs = null;
    this.open();
    setInterval(() => this.beat(), BEAT_MS);
    setInterval(() => { if (this.isDriving && performance.now() - this.sentAt > REPEAT_MS) this.send(); }, REPEAT_MS);
  }

  open() {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/seat`);
    this.socket = socket;
    socket.onopen = () => { this.heardAt = performance.now(); this.onLine(true); this.beat(); };
    socket.onmessage = (event) => this.heard(JSON.parse(event.data));
    socket.onclose = (event) => {
      if (socket !== this.socket) return;
      this.onLine(false);
      if (event.code === REPLACED) this.onReplaced();
      else setTimeout(() => this.open(), AGAIN_MS);
    };
  }

  heard(message) {
    this.heardAt = performance.now();
    if (message.n === this.number) this.roundTripMs = Math.round(this.heardAt - this.beatAt);
  }

  beat() {
    if (this.socket.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.heardAt > DEAF_MS) {
      this.socket.close();
      return;
    }
    this.number += 1;
    this.beatAt = performance.now();
    this.socket.send(JSON.stringify({ k: "p", n: this.number, ms: this.roundTripMs }));
    this.roundTripMs = null;
  }

  // What the player wants from now on.
  set(wish) {
    Object.assign(this.wish, wish);
    const wait = GAP_MS - (performance.now() - this.sentAt);
    if (wait <= 0) this.send();
    else this.pending ??= setTimeout(() => this.send(), wait);
  }

  send() {
    clearTimeout(this.pending);
    this.pending = null;
    if (this.socket.readyState !== WebSocket.OPEN) return;
    this.sentAt = performance.now();
    this.socket.send(JSON.stringify({ k: "s", ...this.wish }));
    this.wish.f = false;
  }
}
