// IT's page: uptime, incidents, what runs in which version, how quick it is, and the log's last lines.

import { showNotCopied } from "../crew/copied.js";
import { Desk, Part } from "../crew/desk.js";
import { h, pageData, say } from "../dom.js";
import { Stream } from "../stream.js";
import { Words } from "../words.js";

const ASK_MS = 2000;
const STATES = ["hidden", "beta", "verified", "default"];

const page = pageData();
const words = new Words(page.words, page.language);
const desk = new Desk(words);
const headline = h("h1", {});
document.getElementById("now").append(headline);
const log = document.querySelector("#log pre");
let latest = null;
let isAway = false;

const facts = (title, pairs) => [
  h("h2", {}, title),
  h("dl", { class: "facts panel" }, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
];
const span = (seconds) => {
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? words.t("it.minutes", { count: minutes }) : words.t("it.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
};

const figures = new Part("figures", (uptime) => facts(words.t("it.today"), [
  [words.t("it.uptime"), uptime.share === undefined ? "–" : `${words.number(uptime.share * 100, 1)} %`],
  [words.t("it.open"), span(uptime.open_s ?? 0)],
  [words.t("it.races"), String(uptime.races ?? 0)],
  [words.t("it.swaps"), String(uptime.swaps ?? 0)],
  [words.t("it.restarts"), String(uptime.restarts ?? 0)],
  [words.t("it.wait"), words.clock(uptime.median_wait_s ?? 0)],
]));
const incidents = new Part("incidents", (all) => [
  h("h2", {}, words.t("crew.incidents")),
  h("div", { class: "panel" }, all.length === 0 ? h("p", {}, words.t("it.no_incidents")) : all.map((one) => h("div", { class: "incident" },
    h("strong", {}, `${one.number} · ${one.words}`),
    h("p", { class: "soft" }, `${one.severity} · ${words.t("crew.who", { owner: one.owner })}`),
    h("p", {}, one.cured_by ? words.t("incident.cured", { by: one.cured_by }) : one.action)))),
]);
const modes = new Part("modes", (all) => [
  h("h2", {}, words.t("crew.modes")),
  h("div", { class: "panel stack" }, Object.entries(all).map(([name, state]) => {
    const pick = h("select", { "aria-label": words.t("it.state_of", { mode: name }) }, STATES.map((one) => h("option", { value: one, selected: one === state }, one)));
    const evidence = h("input", { "aria-label": words.t("it.evidence_for", { mode: name }), placeholder: words.t("it.evidence"), maxlength: "500" });
    const button = h("button", {
      type: "button",
      onclick: () => desk.do({ do: "Promote", mode: name, state: pick.value, evidence: evidence.value }, button),
    }, words.t("it.promote"));
    return h("div", { class: "mode" }, h("strong", {}, page.modes[name]?.title ?? name), pick, evidence, button);
  })),
]);

document.getElementById("restart").append(
  h("h2", {}, words.t("it.restart")),
  h("div", { class: "row" }, ["radio", "race", "screens"].map((what) => {
    const button = h("button", { type: "button", onclick: () => desk.do({ do: "Restart", what }, button) }, words.t(`restart.${what}`));
    return button;
  })),
);

async function ask() {
  try {
    const answer = await fetch("/it/status");
    if (answer.redirected || !answer.ok) return;
    const status = await answer.json();
    const quick = status.latency;
    processes.update({ ...status, log: null, up_s: Math.floor(status.up_s / 60) });
    versions.update(status.versions);
    say(log, status.log.join("\n"));
    say(latency, quick === null ? "–" : words.t("it.ms", { p50: words.number(quick.p50_ms, 1), p99: words.number(quick.p99_ms, 1) }));
  } catch {
    // the next answer tells
  }
}
const latency = h("span", {});
const processes = new Part("processes", (status) => facts(words.t("it.processes"), [
  [words.t("it.race_process"), words.t(status.race.up ? "it.up" : "it.away")],
  [words.t("it.breaks"), String(status.race.breaks)],
  [words.t("it.screens_up"), span(status.up_s * 60)],
  [words.t("it.streams"), String(status.streams)],
  [words.t("it.phones"), String(status.phones)],
  [words.t("it.latency"), latency],
  [words.t("it.not_copied"), String(status.not_copied)],
]));
const versions = new Part("versions", (all) => facts(words.t("it.versions"), Object.entries(all)));

function render() {
  const show = latest?.show;
  const isDown = isAway || !latest?.up;
  say(headline, isDown ? words.t(isAway ? "crew.screens_away" : "crew.race_away") : show.headline);
  showNotCopied(latest?.not_copied);
  if (!show) return;
  figures.update(show.uptime);
  incidents.update(show.incidents);
  modes.update(show.modes);
}

new Stream("/crew/stream", page.build, {
  onState: (state) => { latest = state; render(); },
  onAway: (away) => { isAway = away; render(); },
});
ask();
setInterval(ask, ASK_MS);
