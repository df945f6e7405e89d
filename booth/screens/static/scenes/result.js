// The winner, big; then what we ask of everybody, with a code; then the board with the new entry.

import { h } from "../dom.js";
import { board, carBadge, driver, kindOf } from "./parts.js";

const WINNER_SHARE = 0.5;

export function result({ page, words, show, names, beganMs }) {
  const element = h("div", { class: "result" });
  const isLater = () => performance.now() - beganMs > page.resultS * 1000 * WINNER_SHARE;
  let shown = null;
  const update = (context) => {
    const later = isLater();
    const finished = context.show.last ?? context.show.race;
    const key = JSON.stringify([later, finished.race, finished.winner, finished.corrected, finished.seats.map((seat) => seat.position), context.names]);
    if (key === shown) return;
    shown = key;
    element.className = later ? "result later" : "result";
    element.replaceChildren(...(later ? afterwards(page, words, context) : winner(page, words, finished, context.names)));
  };
  update({ show, names });
  return { element, update };
}

function winner(page, words, finished, names) {
  const kind = kindOf(page, finished.mode);
  const first = finished.seats.find((seat) => seat.seat === finished.winner);
  const ranked = [...finished.seats].sort((one, other) => (one.position ?? 99) - (other.position ?? 99));
  return [
    h("section", { class: "winner" }, first
      ? [h("p", { class: "over" }, words.t("result.winner")), carBadge(first, words), h("h1", {}, driver(first, names, words)),
        h("p", { class: "how-well" }, figures(first, kind, words))]
      : [h("h1", {}, words.t("result.none"))]),
    h("ol", { class: "ranking" }, ranked.filter((seat) => seat !== first).map((seat) =>
      h("li", {}, h("span", { class: "place" }, String(seat.position ?? "–")), carBadge(seat, words),
        h("span", { class: "who" }, driver(seat, names, words), h("span", { class: "value" }, seat.out ? words.t("race.out") : figures(seat, kind, words)))))),
    finished.corrected ? h("p", { class: "note" }, words.t("result.corrected")) : null,
  ].filter(Boolean);
}

function figures(seat, kind, words) {
  if (kind === "battle") return words.t("race.points", { points: seat.score ?? 0 });
  return seat.best_lap_s === null ? words.t("result.laps", { laps: seat.laps }) : words.t("result.best", { time: words.seconds(seat.best_lap_s) });
}

function afterwards(page, words, { show, names }) {
  const kind = kindOf(page, show.last?.mode ?? show.mode);
  return [
    h("section", { class: "action" },
      h("h1", {}, page.action[words.language] || page.message[words.language]),
      h("img", { src: "/qr/action.svg", alt: words.t("action.qr_alt") }),
      h("div", {}, h("p", {}, words.t("action.scan")), page.hashtag ? h("p", { class: "hashtag" }, page.hashtag) : null)),
    board(words.t("board.day"), show.day_board, { names, words, kind, most: 5 })
      ?? board(words.t("board.hour"), show.hour_board, { names, words, kind, most: 5 }),
  ].filter(Boolean);
}
