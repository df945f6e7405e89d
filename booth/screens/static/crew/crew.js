// The crew's page: what happens now, what to do next and by when, and everything else within one tap.

import { h, pageData, say } from "../dom.js";
import { Stream } from "../stream.js";
import { Words } from "../words.js";
import { carRow, setHead } from "./cars.js";
import { Desk, Part } from "./desk.js";
import { controls } from "./controls.js";
import { showNotCopied } from "./copied.js";
import { results } from "./results.js";

const page = pageData();
const words = new Words(page.words, page.language);
const desk = new Desk(words);
const now = document.getElementById("now");
const headline = h("h1", {});
const stage = h("span", { class: "state" });
const counts = h("span", { class: "soft" });
now.append(headline, stage, counts);
let latest = null;
let atMs = 0;
let isAway = false;

const parts = {
  changes: new Part("changes", (changes) => changes.length === 0 ? [] : [h("h2", {}, words.t("crew.changes")), ...changes.map((one) =>
    h("article", { class: "change" },
      h("h3", {}, one.words),
      h("p", { class: "soft" }, words.t(`change.${one.state}`)),
      h("div", { class: "row" },
        one.state === "waiting" ? desk.button("change.accept", { do: "AcceptChange", change: one.change }, "big") : null,
        desk.button("change.undo", { do: "UndoChange", change: one.change }))))]),
  tasks: new Part("tasks", (tasks, _, tick) => [
    h("h2", {}, words.t("crew.next")),
    ...(tasks.length === 0 ? [h("p", { class: "panel" }, words.t("crew.nothing"))] : tasks.map((one, at) => task(one, at, tick))),
  ]),
  controls: new Part("controls", (value, context) => controls(value, context, desk, words)),
  swap: new Part("swap", (swap) => swap === null ? [] : [
    h("h2", {}, words.t("swap.title", { from: swap.from_set, to: swap.to_set })),
    h("ol", { class: "steps panel" }, swap.steps.map(([, text], at) =>
      h("li", { class: at < swap.at ? "done" : at === swap.at ? "at" : "", "aria-current": at === swap.at ? "step" : null },
        h("span", { class: "mark" }, at < swap.at ? "✓" : at === swap.at ? "▶" : String(at + 1)), text)))]),
  results: new Part("results", (value) => results(value, desk, words)),
  sets: new Part("sets", (sets, _, tick) => [
    h("h2", {}, words.t("crew.sets")),
    ...sets.map((one) => h("div", { class: "set panel" }, setHead(one, desk, words), one.cars.map((car) => carRow(car, one, desk, words, tick))))]),
  checklists: new Part("checklists", (lists) => lists.map((list) => {
    const done = list.items.filter(([, , isDone]) => isDone).length;
    return h("details", { class: "panel", "data-key": list.name },
      h("summary", {}, list.title, h("span", { class: "count" }, `${done}/${list.items.length}`)),
      list.items.map(([key, text, isDone]) => h("label", { class: isDone ? "check done" : "check" },
        h("input", {
          type: "checkbox", checked: isDone,
          onchange: (event) => desk.do({ do: "Tick", item: key, done: event.target.checked }, event.target),
        }), h("span", {}, text))));
  })),
  modes: new Part("modes", ({ modes, mode }) => [h("details", { class: "panel", "data-key": "modes" },
    h("summary", {}, words.t("crew.modes"), h("span", { class: "count" }, page.modes[mode]?.title ?? mode)),
    h("div", { class: "stack" }, Object.entries(modes)
      .filter(([, state]) => state !== "hidden")
      .map(([name, state]) => h("div", { class: "row" },
        h("span", {}, h("strong", {}, page.modes[name]?.title ?? name), " ", h("span", { class: "soft" }, words.t(`mode.${state}`))),
        name === mode || (state === "beta" && page.role !== "it") ? null : desk.button("mode.play", { do: "ChooseMode", mode: name })))))]),
  incidents: new Part("incidents", (incidents) => incidents.length === 0 ? [] : [
    h("details", { class: "panel", "data-key": "incidents", open: incidents.some((one) => one.ended_s === null) },
      h("summary", {}, words.t("crew.incidents"), h("span", { class: "count" }, String(incidents.filter((one) => !one.cured_by).length))),
      incidents.map((one) => h("div", { class: "incident" },
        h("strong", {}, one.words), h("p", { class: "soft" }, `${words.t(severity(one.severity))} · ${words.t("crew.who", { owner: one.owner })}`),
        h("p", {}, one.cured_by ? words.t("incident.cured", { by: one.cured_by }) : one.action))))]),
};

function severity(text) {
  return { "visitors notice": "severity.visitors", "only staff notice": "severity.staff" }[text] ?? "severity.nobody";
}

function task(one, at, tick) {
  const by = h("span", { class: "by" });
  tick((tasks) => {
    const due = tasks[at]?.by_s;
    if (due === null || due === undefined) return;
    const left = due - (performance.now() - atMs) / 1000;
    say(by, left > 0 ? words.t("task.by", { time: words.clock(left) }) : words.t("task.now"));
    by.classList.toggle("late", left <= 0);
  });
  const button = one.button === null ? null
    : h("button", { type: "button", class: at === 0 ? "big" : "", onclick: () => desk.do(one.button, button) }, one.button_words || words.t("task.do"));
  return h("article", { class: "task" },
    h("header", {}, h("h3", {}, one.words), by, one.owner === "crew" ? null : h("span", { class: "owner" }, words.t("crew.who", { owner: one.owner }))),
    one.why ? h("p", { class: "soft" }, one.why) : null, button);
}

function render() {
  const show = latest?.show;
  const isDown = isAway || !latest?.up;
  document.documentElement.classList.toggle("away", isDown);
  if (!show) {
    say(headline, words.t(isAway ? "crew.screens_away" : "crew.race_away"));
    return;
  }
  say(headline, isDown ? words.t(isAway ? "crew.screens_away" : "crew.race_away") : show.headline);
  say(stage, isDown ? "" : words.t(`stage_name.${show.stage}`));
  say(counts, words.t("crew.counts", { queue: show.queue.length, races: show.uptime.races ?? 0 }));
  showNotCopied(latest?.not_copied);
  desk.hear(show.refusal);
  const context = { show, names: latest.names, page };
  parts.changes.update(show.changes.filter((one) => one.state !== "undone"), context);
  parts.tasks.update(show.tasks, context);
  parts.controls.update({ stage: show.stage, held: show.is_held, race: seatsOf(show), called: Object.keys(show.called), last: show.last?.race ?? null, swap: show.swap !== null, names: latest.names }, context);
  parts.swap.update(show.swap, context);
  parts.results.update({ last: show.last, names: latest.names }, context);
  parts.sets.update(show.sets, context);
  parts.checklists.update(show.checklists, context);
  parts.modes.update({ modes: show.modes, mode: show.mode }, context);
  parts.incidents.update(show.incidents, context);
}

function seatsOf(show) {
  return show.race === null ? null : { race: show.race.race, seats: show.race.seats.map(({ seat, number, player, is_there }) => ({ seat, number, player, is_there })) };
}

new Stream("/crew/stream", page.build, {
  onState: (state, heardMs) => { latest = state; atMs = heardMs - (state.age_s ?? 0) * 1000; render(); },
  onAway: (away) => { isAway = away; render(); },
});
setInterval(render, 500);
