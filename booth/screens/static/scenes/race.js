// The race as it is: cars on the track, places, laps, times, gaps; in a battle energy and score.

import { h, say } from "../dom.js";
import { Track } from "../track.js";
import { carBadge, driver, kindOf, sinceS, titleOf } from "./parts.js";

export function race({ page, words, show }) {
  const kind = kindOf(page, show.race.mode);
  const track = page.track ? new Track(page.track, words.t("race.track_alt")) : null;
  const clock = h("p", { class: "clock" });
  const note = h("p", { class: "note" });
  const tower = h("ol", { class: "tower" });
  const element = h("div", { class: `race ${kind}` },
    h("header", {}, h("h1", {}, titleOf(page, show.race.mode, words)), clock),
    track ? track.element : null,
    h("div", { class: "standing" }, tower, note));
  const rows = new Map();
  const update = ({ show: now, names, atMs }) => {
    const running = now.race;
    const seats = [...running.seats].sort((one, other) => (one.position ?? 99) - (other.position ?? 99) || one.seat - other.seat);
    for (const seat of seats) {
      const key = `${seat.seat}/${seat.number}/${seat.player}/${names[seat.player] ?? ""}`;
      if (rows.get(seat.seat)?.key !== key) {
        rows.get(seat.seat)?.element.remove();
        rows.set(seat.seat, { key, ...makeRow(seat, names, words, kind) });
      }
    }
    seats.forEach((seat, at) => {
      const row = rows.get(seat.seat);
      if (tower.children[at] !== row.element) tower.insertBefore(row.element, tower.children[at] ?? null);
      row.update(seat, running);
    });
    track?.update(running.seats, atMs);
    say(clock, clockWords(running, now, words, kind, atMs));
    say(note, noteWords(running, now, words));
  };
  return { element, update, frame: track ? (nowMs, passedS) => track.frame(nowMs, passedS) : null };
}

function clockWords(running, now, words, kind, atMs) {
  if (now.is_held) return words.t("race.held");
  if (kind === "race" && running.laps) {
    const leader = Math.max(0, ...running.seats.map((seat) => seat.laps));
    return words.t("race.lap_of", { lap: Math.min(leader + 1, running.laps), laps: running.laps });
  }
  if (running.ends_in_s === null) return "";
  return words.t("race.left", { time: words.clock(running.ends_in_s - sinceS(atMs)) });
}

function noteWords(running, now, words) {
  if (now.is_held) return words.t("race.held_note");
  const out = running.seats.filter((seat) => seat.out);
  if (out.length > 0) return words.t("race.out_note", { number: out.map((seat) => seat.number).join(", ") });
  return "";
}

function makeRow(seat, names, words, kind) {
  const place = h("span", { class: "place" });
  const main = h("span", { class: "main" });
  const gap = h("span", { class: "gap" });
  const small = h("span", { class: "small" });
  const element = h("li", {},
    place, carBadge(seat, words),
    h("span", { class: "who" }, driver(seat, names, words), small),
    h("span", { class: "figures" }, main, gap));
  const update = (now, running) => {
    say(place, now.position ?? "–");
    element.classList.toggle("leader", now.position === 1);
    element.classList.toggle("out", Boolean(now.out));
    element.classList.toggle("hit", now.is_disabled);
    if (now.out) {
      say(main, words.t("race.out"));
      say(gap, "");
      say(small, "");
      return;
    }
    if (kind === "battle") {
      say(main, words.t("race.points", { points: now.score ?? 0 }));
      say(gap, now.is_disabled ? words.t("race.disabled") : "");
      const energy = Math.max(0, now.energy ?? 0);
      say(small, words.t("race.energy", { bars: "▮".repeat(energy) || "–" }));
      return;
    }
    say(main, running.laps ? `${now.laps}/${running.laps}` : words.seconds(now.best_lap_s));
    say(gap, now.position === 1 ? words.t("race.leads") : now.gap_s === null ? "" : `+${words.seconds(now.gap_s, 1)}`);
    say(small, words.t("race.laps", { last: words.seconds(now.last_lap_s), best: words.seconds(now.best_lap_s) }));
  };
  return { element, update };
}
