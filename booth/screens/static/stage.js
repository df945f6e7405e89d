// The stage: shows the scene of the newest snapshot, in two languages by turns, and stays calm when nobody answers.

import { h, pageData, say } from "./dom.js";
import { Stream } from "./stream.js";
import { Words } from "./words.js";
import { attract } from "./scenes/attract.js";
import { closed } from "./scenes/closed.js";
import { countdown } from "./scenes/countdown.js";
import { draw } from "./scenes/draw.js";
import { fault } from "./scenes/fault.js";
import { lineUp } from "./scenes/line_up.js";
import { pitStop } from "./scenes/pit_stop.js";
import { race } from "./scenes/race.js";
import { result } from "./scenes/result.js";

const SCENES = {
  "closed": closed, "attract": attract, "line-up": lineUp, "countdown": countdown, "race": race, "result": result,
  "pit-stop": pitStop, "draw": draw, "fault": fault,
};
const LANGUAGE_MS = 12000;
const AWAY_AFTER_MS = 1500;
const LOOK_MS = 500;

class Stage {
  constructor(page) {
    this.page = page;
    this.root = document.getElementById("scene");
    this.foot = document.getElementById("foot");
    this.state = null;
    this.isAway = false;
    this.downSince = null;
    this.turn = 0;
    this.scene = null;
    this.key = null;
    this.setWords();
    this.stream = new Stream("/stream", page.build, {
      onState: (state, atMs) => this.setState(state, atMs),
      onAway: (isAway) => { this.isAway = isAway; this.render(); },
    });
    if (page.languages.length > 1) setInterval(() => this.turnLanguage(), LANGUAGE_MS);
    setInterval(() => { if (this.downSince !== null) this.render(); }, LOOK_MS);
    this.lastFrame = performance.now();
    requestAnimationFrame((now) => this.frame(now));
  }

  setWords() {
    const language = this.page.languages[this.turn % this.page.languages.length];
    this.words = new Words(this.page.words[language], language);
    document.documentElement.lang = language;
    document.title = `${this.page.client} · ${this.words.t("stage.title")}`;
  }

  turnLanguage() {
    this.turn += 1;
    this.setWords();
    this.key = null;
    this.render();
  }

  setState(state, atMs) {
    this.state = state;
    this.atMs = atMs - (state.age_s ?? 0) * 1000;
    if (state.up) this.downSince = null;
    else this.downSince ??= atMs;
    this.render();
  }

  // Which scene, and what makes it a new one.
  choose() {
    const show = this.state?.show;
    const isDown = this.downSince !== null && performance.now() - this.downSince > AWAY_AFTER_MS;
    if (!show || this.isAway || isDown) return ["fault", "away"];
    const race = ["line-up", "countdown", "race"].includes(show.stage) ? show.race : show.last ?? show.race;
    const name = show.stage in SCENES ? show.stage : "fault";
    const needsRace = ["line-up", "countdown", "race", "result"].includes(name);
    if (needsRace && !race) return ["attract", ""];
    if (name === "pit-stop" && !show.swap) return ["attract", ""];
    return [name, needsRace ? `${race.race}/${race.mode}` : show.draw?.step ?? ""];
  }

  render() {
    const [name, detail] = this.choose();
    const context = {
      page: this.page, words: this.words, show: this.state?.show ?? null, names: this.state?.names ?? {}, atMs: this.atMs,
    };
    if (this.sceneName !== `${name}/${detail}`) {
      this.sceneName = `${name}/${detail}`;
      this.beganMs = performance.now();
    }
    const key = `${this.sceneName}/${this.words.language}`;
    if (key !== this.key) {
      this.key = key;
      this.scene = SCENES[name]({ ...context, beganMs: this.beganMs });
      this.root.className = `scene-${name}`;
      this.root.replaceChildren(this.scene.element);
      this.foot.replaceChildren(...(this.scene.isBare ? [] : footer(context)));
    }
    this.scene.update?.(context);
    const queue = this.foot.querySelector(".queue");
    if (queue) say(queue, queueWords(context));
  }

  frame(now) {
    const passedS = Math.min(0.1, (now - this.lastFrame) / 1000);
    this.lastFrame = now;
    this.scene?.frame?.(now, passedS);
    requestAnimationFrame((next) => this.frame(next));
  }
}

function footer({ page, words }) {
  return [
    page.hasLogo
      ? h("img", { class: "logo", src: "/logo", alt: page.client })
      : h("p", { class: "logo" }, page.client),
    h("p", { class: "queue" }),
    h("div", { class: "foot-join" },
      h("div", {}, h("strong", {}, words.t("stage.scan_to_race")), h("span", {}, page.url)),
      h("img", { src: "/qr/join.svg", alt: words.t("stage.qr_alt", { url: page.url }) })),
  ];
}

function queueWords({ show, words }) {
  const waiting = show?.queue?.length ?? 0;
  if (waiting === 0) return words.t("stage.no_queue");
  return waiting === 1 ? words.t("stage.queue_one") : words.t("stage.queue", { count: waiting });
}

new Stage(pageData());
