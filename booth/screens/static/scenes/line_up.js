// Who drives which car, and how to drive, in one picture.

import { h, say } from "../dom.js";
import { howToPicture } from "../how_to.js";
import { carBadge, driver, sinceS, titleOf } from "./parts.js";

export function lineUp({ page, words, show }) {
  const grid = h("ol", { class: "grid" });
  const clock = h("p", { class: "clock" });
  const mode = page.modes[show.race.mode];
  const element = h("div", { class: "line-up" },
    h("header", {}, h("h1", {}, words.t("line_up.title", { mode: titleOf(page, show.race.mode, words) })), clock),
    grid,
    h("section", { class: "how" }, howToPicture(words, mode?.kind ?? "race"), h("p", {}, mode?.howTo[words.language] ?? "")));
  let shown = "";
  const update = ({ show: now, names, atMs }) => {
    const race = now.race;
    const key = JSON.stringify([race.seats.map((seat) => [seat.seat, seat.number, seat.player, seat.is_there]), names]);
    if (key !== shown) {
      shown = key;
      grid.replaceChildren(...race.seats.map((seat) =>
        h("li", { class: seat.player && !seat.is_there ? "missing" : "" },
          carBadge(seat, words), driver(seat, names, words),
          h("span", { class: "hint" }, words.t(seat.player ? (seat.is_there ? "line_up.ready" : "line_up.missing") : "line_up.computer")))));
    }
    const left = race.starts_in_s === null ? null : race.starts_in_s - sinceS(atMs);
    say(clock, left === null ? "" : words.t("line_up.starts", { time: words.clock(left) }));
  };
  return { element, update };
}
