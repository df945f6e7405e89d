// What several scenes show.

import { badge } from "../car.js";
import { h, named } from "../dom.js";

export function driverName(seat, names, words) {
  if (!seat.player) return words.t("seat.computer");
  return names[seat.player] ?? words.t("seat.guest");
}

export function driver(seat, names, words) {
  return seat.player ? named(driverName(seat, names, words)) : h("span", { class: "name computer" }, words.t("seat.computer"));
}

export function carBadge(seat, words) {
  return badge(seat.number, words.t("car.alt", { number: seat.number }));
}

// Seconds since the snapshot was true.
export function sinceS(atMs) {
  return Math.max(0, (performance.now() - atMs) / 1000);
}

export function boardValue(row, kind, words) {
  return kind === "battle" ? words.number(row.value) : words.seconds(row.value);
}

// A board of the hour or the day; a new entry is highlighted.
export function board(title, rows, { names, words, kind, most }) {
  if (!rows || rows.length === 0) return null;
  return h("section", { class: "board" },
    h("h2", {}, title),
    h("ol", {}, rows.slice(0, most).map((row, place) =>
      h("li", { class: row.is_new ? "new" : "" },
        h("span", { class: "place" }, String(place + 1)),
        named(names[row.player] ?? words.t("seat.guest")),
        row.is_new ? h("span", { class: "tag" }, words.t("board.new")) : null,
        h("span", { class: "value" }, boardValue(row, kind, words))))));
}

export function brandHead(page, words) {
  return h("header", { class: "brand" },
    page.hasLogo ? h("img", { class: "logo", src: "/logo", alt: page.client }) : h("p", { class: "logo" }, page.client));
}

export function kindOf(page, mode) {
  return page.modes[mode]?.kind ?? "race";
}

export function titleOf(page, mode, words) {
  return page.modes[mode]?.title[words.language] ?? mode;
}
