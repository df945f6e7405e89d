// Five, four, three, two, one.

import { h, say } from "../dom.js";
import { carBadge, driver, sinceS } from "./parts.js";

export function countdown({ words, show, names }) {
  const number = h("p", { class: "number", role: "timer" });
  const element = h("div", { class: "countdown" },
    h("h1", {}, words.t("countdown.title")),
    number,
    h("ol", { class: "row" }, show.race.seats.map((seat) => h("li", {}, carBadge(seat, words), driver(seat, names, words)))));
  const update = ({ show: now, atMs }) => {
    const left = (now.race?.starts_in_s ?? 0) - sinceS(atMs);
    say(number, left > 0 ? String(Math.ceil(left)) : words.t("countdown.go"));
  };
  return { element, update, frame: null };
}
