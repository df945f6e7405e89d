// The track seen from above, with the cars where they are. Between two reports a car goes on at its speed.

import { svg } from "./dom.js";
import { badgeParts } from "./car.js";

const LANE_MM = { 1: -63, 2: -21, 3: 21, 4: 63 };
const CAR_MM = 120;
const MOST_AHEAD_S = 0.6;
const CATCH_UP_PER_S = 8;

export class Track {
  constructor(drawing, label) {
    this.lapMm = drawing.lapMm;
    const road = (kind, width) => svg("path", { d: drawing.path, class: kind, "stroke-width": width, fill: "none" });
    this.middle = road("road-middle", 6);
    this.cars = new Map();
    this.layer = svg("g");
    this.element = svg(
      "svg",
      { viewBox: drawing.viewBox, class: "track", role: "img", "aria-label": label },
      road("road-edge", drawing.roadMm + 26), road("road", drawing.roadMm), this.middle,
      svg("g", { class: "line" }, ...checkers(drawing.roadMm)), this.layer,
    );
    this.length = null;
    this.isStill = matchMedia("(prefers-reduced-motion: reduce)");
  }

  // `seats` as in the snapshot, `atMs` when they were true.
  update(seats, atMs) {
    const there = new Set();
    for (const seat of seats) {
      if (seat.progress === null || seat.progress === undefined || seat.out) continue;
      there.add(seat.seat);
      let car = this.cars.get(seat.seat);
      if (car === undefined || car.number !== seat.number) {
        car?.element.remove();
        car = { number: seat.number, shown: seat.progress, element: svg("g", {}, ...badgeParts(seat.number)) };
        this.layer.append(car.element);
        this.cars.set(seat.seat, car);
      }
      Object.assign(car, { told: seat.progress, speed: seat.speed_mm_s, atMs });
      car.element.classList.toggle("disabled", seat.is_disabled);
    }
    for (const [key, car] of this.cars) {
      if (!there.has(key)) {
        car.element.remove();
        this.cars.delete(key);
      }
    }
  }

  // Moves the cars; once per drawn frame.
  frame(nowMs, passedS) {
    this.length ??= this.middle.getTotalLength();
    for (const car of this.cars.values()) {
      const aheadS = this.isStill.matches ? 0 : Math.min(MOST_AHEAD_S, Math.max(0, (nowMs - car.atMs) / 1000));
      const goal = car.told + (car.speed * aheadS) / this.lapMm;
      const short = ((goal - car.shown + 1.5) % 1) - 0.5;
      const share = this.isStill.matches || Math.abs(short) > 0.25 ? 1 : Math.min(1, passedS * CATCH_UP_PER_S);
      car.shown = (car.shown + short * share + 1) % 1;
      this.place(car);
    }
  }

  place(car) {
    const at = car.shown * this.length;
    const here = this.middle.getPointAtLength(at);
    const next = this.middle.getPointAtLength((at + 4) % this.length);
    const along = Math.atan2(next.y - here.y, next.x - here.x);
    const side = LANE_MM[car.number] ?? 0;
    const x = here.x - Math.sin(along) * side - CAR_MM / 2;
    const y = here.y + Math.cos(along) * side - CAR_MM / 2;
    car.element.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${CAR_MM / 100})`);
  }
}

function checkers(roadMm) {
  const size = roadMm / 6;
  const parts = [];
  for (let row = 0; row < 6; row += 1) {
    for (let column = 0; column < 2; column += 1) {
      parts.push(svg("rect", {
        x: (column - 1) * size, y: row * size - roadMm / 2, width: size, height: size,
        class: (row + column) % 2 ? "check-dark" : "check-light",
      }));
    }
  }
  return parts;
}
