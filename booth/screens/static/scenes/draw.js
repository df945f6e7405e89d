// The draw on the stage, step by step: declared, frozen with its hash, dice, ranking, the ticket drawn, the end.

import { h, say, svg } from "../dom.js";
import { brandHead, sinceS } from "./parts.js";

const PIPS = { 1: [[50, 50]], 2: [[26, 26], [74, 74]], 3: [[26, 26], [50, 50], [74, 74]], 4: [[26, 26], [74, 26], [26, 74], [74, 74]],
  5: [[26, 26], [74, 26], [50, 50], [26, 74], [74, 74]], 6: [[26, 24], [74, 24], [26, 50], [74, 50], [26, 76], [74, 76]] };

export function draw({ page, words, show }) {
  const body = show.draw ?? {};
  const make = STEPS[body.step] ?? STEPS.declared;
  const { parts, update } = make({ page, words, body });
  return {
    isBare: true,
    element: h("div", { class: `draw step-${body.step}` },
      h("header", {}, brandHead(page, words), h("p", { class: "prize-name" }, body.prize ?? page.prize)),
      h("div", { class: "draw-main" }, parts)),
    update,
  };
}

const STEPS = {
  declared: ({ page, words, body }) => ({
    parts: [
      h("h1", {}, words.t("draw.title")),
      h("p", { class: "rules" }, page.rules[words.language]),
      hash(words.t("draw.declaration"), body.declaration_sha256),
      hash(words.t("draw.commitment"), body.commitment),
    ],
  }),
  frozen: (context) => frozen(context),
  entering: (context) => dice(context),
  ready: (context) => dice(context),
  drawn: ({ words, body }) => ({
    parts: [
      h("h1", {}, words.t("draw.drawn")),
      h("p", { class: "rules" }, words.t("draw.rfc")),
      body.throws ? diceRow(body.throws, body.throws_wanted, words) : null,
      h("p", { class: "hash" }, body.key ?? ""),
    ].filter(Boolean),
  }),
  announced: ({ words, body }) => {
    const clock = h("p", { class: "clock" });
    return {
      parts: [
        h("p", { class: "over" }, words.t(body.rank === "1" ? "draw.ticket" : "draw.alternate", { rank: body.rank })),
        h("h1", { class: "ticket" }, body.code ?? ""), clock,
      ],
      update: ({ show, atMs }) => {
        const until = show.draw?.deadline;
        const left = until ? (Date.parse(until) - Date.parse(show.at)) / 1000 - sinceS(atMs) : 0;
        say(clock, left > 0 ? words.t("draw.come_within", { time: words.clock(left) }) : words.t("draw.time_over"));
      },
    };
  },
  closed: ({ words, body }) => ({
    parts: [
      ...(body.outcome === "claimed"
        ? [h("p", { class: "over" }, words.t("draw.goes_to")), h("h1", { class: "ticket" }, body.code)]
        : [h("h1", {}, words.t("draw.nobody"))]),
      hash(words.t("draw.proof"), body.bundle_id),
    ],
  }),
  void: ({ words }) => ({ parts: [h("h1", {}, words.t("draw.void")), h("p", { class: "rules" }, words.t("draw.void_hint"))] }),
};

function frozen({ words, body }) {
  const struck = (body.struck ?? "").split("\n").filter(Boolean).length;
  return {
    parts: [
      h("h1", {}, words.t("draw.frozen", { count: body.tickets })),
      hash(words.t("draw.list_hash"), body.list_sha256, "large"),
      struck > 0 ? h("p", { class: "rules" }, words.t("draw.struck", { count: struck })) : null,
      h("p", { class: "next" }, body.throws_wanted ? words.t("draw.dice_next", { count: body.throws_wanted }) : words.t("draw.drand_next", { round: body.drand_round ?? "" })),
    ].filter(Boolean),
  };
}

function dice({ words, body }) {
  if (!body.throws) return frozen({ words, body });
  const thrown = body.throws.split(" ").length;
  const clock = h("h1", {}, words.t("draw.dice", { thrown, wanted: body.throws_wanted }));
  const row = h("div", { class: "row-of-dice" });
  let shown = null;
  return {
    parts: [clock, row, hash(words.t("draw.list_hash"), body.list_sha256)],
    update: ({ show }) => {
      const now = show.draw?.throws ?? "";
      if (now === shown) return;
      shown = now;
      say(clock, words.t("draw.dice", { thrown: now.split(" ").length, wanted: show.draw.throws_wanted }));
      row.replaceChildren(diceRow(now, show.draw.throws_wanted, words));
    },
  };
}

function diceRow(throws, wanted, words) {
  const values = throws.split(" ").filter(Boolean);
  const blanks = Math.max(0, Number(wanted ?? 0) - values.length);
  return h("div", { class: "dice-row", role: "img", "aria-label": words.t("draw.dice_alt", { throws }) },
    values.map((value) => die(value)), Array.from({ length: blanks }, () => die(null)));
}

function die(value) {
  return svg("svg", { viewBox: "0 0 100 100", class: value === null ? "die blank" : "die" },
    svg("rect", { x: 3, y: 3, width: 94, height: 94, rx: 20 }),
    ...(PIPS[value] ?? []).map(([cx, cy]) => svg("circle", { cx, cy, r: 10 })));
}

// A hash in groups of four, so that people can compare it with a photo or a print.
function hash(title, value, kind = "") {
  if (!value) return null;
  return h("div", { class: `hash-block ${kind}` }, h("h2", {}, title), h("p", { class: "hash" }, value.replace(/(.{4})/g, "$1 ").trim()));
}
