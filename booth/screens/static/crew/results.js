// The last result, and how to correct it: put the seats in order, say why.

import { badge } from "../car.js";
import { h } from "../dom.js";

export function results({ last, names }, desk, words) {
  if (last === null) return [];
  const seats = [...last.seats].sort((one, other) => (one.position ?? 99) - (other.position ?? 99));
  const list = h("ol", { class: "ranked" });
  const comment = h("input", { id: "comment", maxlength: "200", autocomplete: "off" });
  const save = h("button", {
    type: "button", class: "big",
    onclick: () => {
      if (!comment.value.trim()) {
        comment.focus();
        return;
      }
      desk.do({ do: "Correct", race: last.race, ranking: seats.map((seat) => seat.seat), comment: comment.value.trim() }, save);
    },
  }, words.t("result.save"));
  const show = () => list.replaceChildren(...seats.map((seat, at) => h("li", {},
    h("span", { class: "place" }, String(at + 1)), badge(seat.number),
    h("bdi", { class: "name" }, seat.player ? names[seat.player] ?? words.t("seat.guest") : words.t("seat.computer")),
    at === 0 ? null : h("button", {
      type: "button", "aria-label": words.t("result.up", { number: seat.number }),
      onclick: () => { seats.splice(at - 1, 2, seats[at], seats[at - 1]); show(); list.querySelectorAll("button")[Math.max(0, at - 2)]?.focus(); },
    }, "▲"))));
  show();
  return [h("details", { class: "panel", "data-key": "results" },
    h("summary", {}, words.t("result.last", { race: last.race }), h("span", { class: "count" }, last.corrected ? words.t("result.was_corrected") : "")),
    list,
    h("div", { class: "stack" }, h("label", { for: "comment" }, words.t("result.why")), comment, save))];
}
