// A car's badge: start number in its own shape and colour. Never colour alone.

import { svg } from "./dom.js";

const SHAPES = {
  circle: () => svg("circle", { cx: 50, cy: 50, r: 45 }),
  square: () => svg("rect", { x: 8, y: 8, width: 84, height: 84, rx: 10 }),
  triangle: () => svg("path", { d: "M50 3 L98 92 Q98 95 94 95 L6 95 Q2 95 2 92 Z" }),
  diamond: () => svg("path", { d: "M50 1 L99 50 L50 99 L1 50 Z" }),
};
const BY_NUMBER = { 1: "circle", 2: "square", 3: "triangle", 4: "diamond" };
const DIGIT_Y = { circle: 67, square: 67, triangle: 83, diamond: 67 };

export function shapeOf(number) {
  return BY_NUMBER[number] ?? "circle";
}

// The badge's parts inside a 100 by 100 box.
export function badgeParts(number) {
  const shape = shapeOf(number);
  const body = SHAPES[shape]();
  body.setAttribute("class", `car-fill car-${number}`);
  const size = shape === "triangle" || shape === "diamond" ? 46 : 54;
  return [body, svg("text", { x: 50, y: DIGIT_Y[shape], class: "car-digit", "font-size": size }, String(number))];
}

export function badge(number, label = null) {
  const hidden = label === null ? { "aria-hidden": "true" } : { role: "img", "aria-label": label };
  return svg("svg", { viewBox: "-4 -4 108 108", class: "badge", ...hidden }, ...badgeParts(number));
}
