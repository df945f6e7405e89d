// Nobody races: the message, the prize, the way in, and the boards by turns.

import { h, say } from "../dom.js";
import { board, brandHead, kindOf, sinceS } from "./parts.js";

const TURN_MS = 8000;

export function attract({ page, words, beganMs }) {
  const next = h("p", { class: "next" });
  const turning = h("div", { class: "turning" });
  const element = h("div", { class: "attract" },
    h("div", { class: "pitch" },
      brandHead(page, words),
      h("h1", {}, page.message[words.language]),
      h("p", { class: "offer" }, words.t("attract.offer")),
      turning),
    h("aside", { class: "join-card" },
      h("h2", {}, words.t("attract.scan")),
      h("img", { src: "/qr/join.svg", alt: words.t("stage.qr_alt", { url: page.url }) }),
      h("p", { class: "address" }, page.url),
      next));
  let shown = "";
  const update = ({ show, names, atMs }) => {
    const kind = kindOf(page, show.mode);
    const panels = [
      h("section", { class: "prize" }, h("h2", {}, words.t("attract.prize_title")), h("p", {}, page.prize), h("p", { class: "hint" }, words.t("attract.prize_hint"))),
      board(words.t("board.hour"), show.hour_board, { names, words, kind, most: 3 }),
      board(words.t("board.day"), show.day_board, { names, words, kind, most: 3 }),
    ].filter(Boolean);
    const at = Math.floor((performance.now() - beganMs) / TURN_MS) % panels.length;
    const key = `${at}/${panels.length}/${panels[at].textContent}`;
    if (key !== shown) {
      shown = key;
      turning.replaceChildren(panels[at]);
    }
    const left = show.next_race_s === null ? null : show.next_race_s - sinceS(atMs);
    say(next, left === null ? words.t("attract.any_moment") : words.t("attract.next", { time: words.clock(left) }));
  };
  return { element, update, isBare: true };
}
