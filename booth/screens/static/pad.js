// The controller: a slider for the speed that stays where the thumb left it, two arrows for the lane, stop, and fire.
// Every finger has its own part; each part works with keys too.

import { h, say, svg } from "./dom.js";

const LANES = [-1, -1 / 3, 1 / 3, 1];
const STEP = 0.1;

export class Pad {
  constructor(words, onWish) {
    this.words = words;
    this.onWish = onWish;
    this.throttle = 0;
    this.lane = 1;
    this.fill = h("div", { class: "fill" });
    this.knob = h("div", { class: "knob" });
    this.slider = h("div", {
      class: "slider", role: "slider", tabindex: "0", "aria-orientation": "vertical", "aria-label": words.t("how.speed"),
      "aria-valuemin": "0", "aria-valuemax": "100",
      onpointerdown: (event) => { this.slider.setPointerCapture(event.pointerId); this.slide(event); },
      onpointermove: (event) => { if (this.slider.hasPointerCapture(event.pointerId)) this.slide(event); },
    }, this.fill, this.knob);
    this.lanes = LANES.map(() => h("span", {}));
    this.fireButton = this.press("fire", words.t("how.fire"), () => this.onWish({ f: true }));
    this.element = h("div", { class: "pad" },
      h("div", { class: "left" },
        h("div", { class: "arrows" },
          this.press("arrow", words.t("pad.left"), () => this.turn(-1), chevron(-1)),
          this.press("arrow", words.t("pad.right"), () => this.turn(1), chevron(1))),
        h("div", { class: "lanes", role: "img" }, this.lanes),
        this.fireButton,
        this.press("stop", words.t("pad.stop"), () => this.setThrottle(0))),
      this.slider);
    this.laneView = this.element.querySelector(".lanes");
    this.element.addEventListener("contextmenu", (event) => event.preventDefault());
    this.onKey = (event) => this.key(event);
    document.addEventListener("keydown", this.onKey);
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.setThrottle(0); });
    this.show();
  }

  leave() {
    document.removeEventListener("keydown", this.onKey);
  }

  setKind(kind) {
    this.fireButton.hidden = kind !== "battle";
  }

  // A press counts when it begins, not when the finger leaves; a click that no finger made counts too (keys, readers).
  press(kind, label, act, picture = null) {
    return h("button", {
      type: "button", class: kind, "aria-label": picture ? label : null,
      onpointerdown: (event) => { event.preventDefault(); act(); },
      onclick: (event) => { if (event.detail === 0) act(); },
    }, picture ?? label);
  }

  slide(event) {
    const box = this.slider.getBoundingClientRect();
    const edge = 32;
    this.setThrottle(1 - (event.clientY - box.top - edge) / (box.height - 2 * edge));
  }

  setThrottle(value) {
    this.throttle = Math.min(1, Math.max(0, Math.round(value * 100) / 100));
    this.onWish({ t: this.throttle });
    this.show();
  }

  turn(side) {
    this.lane = Math.min(LANES.length - 1, Math.max(0, this.lane + side));
    this.onWish({ l: LANES[this.lane] });
    this.show();
  }

  key(event) {
    if (event.target.closest?.("input, textarea, select")) return;
    const act = {
      ArrowUp: () => this.setThrottle(this.throttle + STEP),
      ArrowDown: () => this.setThrottle(this.throttle - STEP),
      ArrowLeft: () => this.turn(-1),
      ArrowRight: () => this.turn(1),
      Home: () => this.setThrottle(0),
      End: () => this.setThrottle(1),
      Escape: () => this.setThrottle(0),
      f: () => this.onWish({ f: true }),
    }[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  show() {
    const percent = Math.round(this.throttle * 100);
    this.slider.setAttribute("aria-valuenow", percent);
    this.slider.setAttribute("aria-valuetext", `${percent} %`);
    this.slider.style.setProperty("--throttle", this.throttle);
    this.lanes.forEach((lane, at) => lane.classList.toggle("on", at === this.lane));
    this.laneView.setAttribute("aria-label", this.words.t("pad.lane", { lane: this.lane + 1 }));
    say(this.knob, percent);
  }
}

function chevron(side) {
  const path = side < 0 ? "M62 18 L30 50 L62 82" : "M38 18 L70 50 L38 82";
  return svg("svg", { viewBox: "0 0 100 100", "aria-hidden": "true" }, svg("path", { d: path }));
}
