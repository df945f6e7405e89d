// The page's one stream. Connects again for ever, notices silence, and reloads a page that is out of date.

const SILENT_MS = 12000;
const LOOK_MS = 1000;
const AGAIN_MS = 1500;

export class Stream {
  // `on_state(state, ageS)` gets each state; `on_away(isAway)` is told when the screens process comes or goes.
  constructor(address, build, { onState, onAway }) {
    this.address = address;
    this.build = build;
    this.onState = onState;
    this.onAway = onAway;
    this.source = null;
    this.heardAt = performance.now();
    this.isAway = false;
    this.open();
    setInterval(() => this.look(), LOOK_MS);
    addEventListener("pageshow", (event) => { if (event.persisted) this.open(); });
  }

  open() {
    this.source?.close();
    this.openedAt = performance.now();
    this.source = new EventSource(this.address);
    this.source.onmessage = (event) => this.heard(JSON.parse(event.data));
    this.source.addEventListener("beat", () => this.heard(null));
    this.source.onerror = () => this.look();
  }

  heard(state) {
    this.heardAt = performance.now();
    this.setAway(false);
    if (state === null) return;
    if (this.build !== null && state.build !== this.build) {
      location.reload();
      return;
    }
    this.onState(state, this.heardAt);
  }

  look() {
    const now = performance.now();
    const silent = now - this.heardAt > SILENT_MS;
    const broken = this.source.readyState !== EventSource.OPEN;
    if (silent || (broken && now - this.heardAt > AGAIN_MS)) this.setAway(true);
    const dead = this.source.readyState === EventSource.CLOSED || silent;
    if (dead && now - this.openedAt > AGAIN_MS) this.open();
  }

  setAway(isAway) {
    if (this.isAway === isAway) return;
    this.isAway = isAway;
    this.onAway(isAway);
  }
}
