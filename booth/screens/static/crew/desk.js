// How the crew's page asks: one command at a time, a refusal in plain words and big, a reason where one is needed.

import { h } from "../dom.js";

export class Desk {
  constructor(words) {
    this.words = words;
    this.dialog = document.getElementById("ask");
    this.refusalBox = document.getElementById("refusal");
    this.heard = null;
    this.refused = null;
    this.understood = null;
  }

  async do(command, button = null) {
    if (button) button.disabled = true;
    this.showRefusal(null);
    try {
      const answer = await fetch("/crew/do", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(command),
      });
      if (answer.status === 503) this.showRefusal(this.words.t("crew.race_away"));
      else if (answer.redirected) location.reload();
      else this.showRefusal((await answer.json()).refused);
    } catch {
      this.showRefusal(this.words.t("crew.screens_away"));
    } finally {
      if (button) button.disabled = false;
    }
  }

  button(key, command, kind = "") {
    const made = h("button", { type: "button", class: kind, onclick: () => this.do(command, made) }, this.words.t(key));
    return made;
  }

  // A button that asks why first; `make(reason)` is the command.
  because(key, reasons, make, kind = "") {
    return h("button", { type: "button", class: kind, onclick: () => this.askWhy(this.words.t(key), reasons, make) }, this.words.t(key));
  }

  askWhy(title, reasons, make) {
    const own = h("input", { id: "why", maxlength: "120", autocomplete: "off" });
    const go = (reason) => { this.dialog.close(); this.do(make(reason)); };
    this.dialog.replaceChildren(h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); if (own.value.trim()) go(own.value.trim()); } },
      h("h2", { id: "ask-title" }, title),
      reasons.map((reason) => h("button", { type: "button", onclick: () => go(reason) }, reason)),
      h("label", { for: "why" }, this.words.t("crew.other_reason")), own,
      h("div", { class: "row" },
        h("button", { class: "big" }, title),
        h("button", { type: "button", onclick: () => this.dialog.close() }, this.words.t("crew.cancel")))));
    this.dialog.setAttribute("aria-labelledby", "ask-title");
    this.dialog.showModal();
  }

  // What the show refused last, whoever asked for it; gone with the next that is granted.
  hear(sentence) {
    if (sentence === this.heard) return;
    this.heard = sentence;
    if (sentence !== null && sentence !== this.refused && sentence !== this.understood) this.showRefusal(sentence);
    if (sentence === null) this.understood = null;
  }

  showRefusal(sentence) {
    this.refused = sentence ?? null;
    if (!sentence) {
      this.refusalBox.replaceChildren();
      return;
    }
    this.refusalBox.replaceChildren(h("div", { class: "refusal", role: "alert" },
      h("span", { class: "word" }, this.words.t("crew.not_now")), h("span", {}, sentence),
      h("button", { type: "button", onclick: () => { this.understood = sentence; this.showRefusal(null); } }, this.words.t("crew.understood"))));
  }
}

// Builds a part anew only when what it shows has changed, so that nothing moves under a finger.
export class Part {
  constructor(id, build) {
    this.root = document.getElementById(id);
    this.build = build;
    this.key = null;
    this.ticking = [];
  }

  update(value, context) {
    const key = JSON.stringify(value, (name, inner) => (MOVING.has(name) ? undefined : inner));
    if (key !== this.key) {
      this.key = key;
      const open = new Set([...this.root.querySelectorAll("details[open]")].map((one) => one.dataset.key));
      this.ticking = [];
      this.root.replaceChildren(...this.build(value, context, (tick) => this.ticking.push(tick)).filter(Boolean));
      for (const one of this.root.querySelectorAll("details")) if (open.has(one.dataset.key)) one.open = true;
    }
    for (const tick of this.ticking) tick(value, context);
  }
}

const MOVING = new Set(["by_s", "silent_s", "began_s", "ended_s", "elapsed_s", "battery_mv", "progress", "speed_mm_s"]);
