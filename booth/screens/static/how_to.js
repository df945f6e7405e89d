// How to drive, in one picture: a phone, the slider for speed, the arrows for the lane, the button to fire.

import { svg } from "./dom.js";

export function howToPicture(words, kind) {
  const parts = [
    svg("rect", { x: 240, y: 10, width: 240, height: 300, rx: 30, class: "phone" }),
    svg("rect", { x: 390, y: 50, width: 52, height: 220, rx: 26, class: "rail" }),
    svg("rect", { x: 390, y: 130, width: 52, height: 140, rx: 26, class: "speed" }),
    svg("circle", { cx: 416, cy: 130, r: 36, class: "knob" }),
    arrow(300, 120, -1), arrow(300, 210, 1),
    svg("path", { d: "M500 130 H560", class: "lead" }), svg("path", { d: "M256 165 H160", class: "lead" }),
    svg("text", { x: 570, y: 120, class: "words" }, words.t("how.speed")),
    svg("text", { x: 570, y: 162, class: "words soft" }, words.t("how.speed_hint")),
    svg("text", { x: 150, y: 155, class: "words", "text-anchor": "end" }, words.t("how.lane")),
    svg("text", { x: 150, y: 197, class: "words soft", "text-anchor": "end" }, words.t("how.lane_hint")),
  ];
  if (kind === "battle") {
    parts.push(
      svg("circle", { cx: 310, cy: 276, r: 24, class: "fire" }),
      svg("text", { x: 150, y: 285, class: "words", "text-anchor": "end" }, words.t("how.fire")),
      svg("path", { d: "M284 276 H160", class: "lead" }),
    );
  }
  return svg("svg", { viewBox: "-130 0 980 320", class: "how-to", role: "img", "aria-label": words.t("how.alt") }, ...parts);
}

function arrow(x, y, side) {
  const tip = x + side * 34;
  const tail = x - side * 26;
  return svg("g", { class: "arrow" },
    svg("circle", { cx: x, cy: y, r: 42 }),
    svg("path", { d: `M${tail} ${y} H${tip - side * 6} M${x + side * 4} ${y - 22} L${tip - side * 4} ${y} L${x + side * 4} ${y + 22}` }));
}
