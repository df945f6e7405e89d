// How to drive, in one picture: a phone held in both hands, arrows for the lane, the slider for speed, the button to fire.

import { svg } from "./dom.js";

export function howToPicture(words, kind) {
  const isBattle = kind === "battle";
  const label = (x, y, anchor, key, hint) => svg("g", {},
    svg("text", { x, y, class: "words", "text-anchor": anchor }, words.t(key)),
    hint ? svg("text", { x, y: y + 44, class: "words soft", "text-anchor": anchor }, words.t(hint)) : null);
  return svg("svg", { viewBox: "0 0 1000 220", class: "how-to", role: "img", "aria-label": words.t("how.alt") },
    svg("rect", { x: 330, y: 5, width: 340, height: 210, rx: 34, class: "phone" }),
    svg("rect", { x: 575, y: 30, width: 58, height: 160, rx: 29, class: "rail" }),
    svg("rect", { x: 575, y: 95, width: 58, height: 95, rx: 29, class: "speed" }),
    svg("circle", { cx: 604, cy: 95, r: 38, class: "knob" }),
    arrow(405, isBattle ? 75 : 110, -1), arrow(505, isBattle ? 75 : 110, 1),
    isBattle ? svg("rect", { x: 365, y: 140, width: 180, height: 50, rx: 18, class: "fire" }) : null,
    svg("path", { d: "M650 95 H700", class: "lead" }), svg("path", { d: `M350 ${isBattle ? 75 : 110} H300`, class: "lead" }),
    label(715, 92, "start", "how.speed", "how.speed_hint"),
    label(285, isBattle ? 72 : 107, "end", "how.lane", "how.lane_hint"),
    isBattle ? svg("path", { d: "M350 176 H300", class: "lead" }) : null,
    isBattle ? label(285, 190, "end", "how.fire", null) : null);
}

function arrow(x, y, side) {
  const tip = x + side * 30;
  const tail = x - side * 26;
  return svg("g", { class: "arrow" },
    svg("circle", { cx: x, cy: y, r: 44 }),
    svg("path", { d: `M${tail} ${y} H${tip - side * 6} M${x + side * 4} ${y - 22} L${tip - side * 2} ${y} L${x + side * 4} ${y + 22}` }));
}
