// A player's page: the place in the queue, the call, the controller, the result.

import { badge } from "./car.js";
import { h, named, pageData, say } from "./dom.js";
import { Pad } from "./pad.js";
import { Seat } from "./seat.js";
import { Stream } from "./stream.js";
import { Words } from "./words.js";

const DRIVING = ["line-up", "countdown", "race"];
const CALL_BUZZ = [300, 120, 300, 120, 600];

class Player {
  constructor(page) {
    this.page = page;
    this.words = new Words(page.words, page.language);
    this.root = document.getElementById("player");
    this.key = null;
    this.done = null;
    this.isReplaced = false;
    this.isAway = false;
    this.isLineUp = false;
    this.wasCalled = false;
    this.seat = new Seat({
      onLine: (isUp) => { this.isLineUp = isUp; this.render(); },
      onReplaced: () => { this.isReplaced = true; this.render(); },
    });
    this.stream = new Stream("/stream", page.build, {
      onState: (state, atMs) => { this.state = state; this.atMs = atMs - (state.age_s ?? 0) * 1000; this.render(); },
      onAway: (isAway) => { this.isAway = isAway; this.render(); },
    });
    setInterval(() => this.view?.update?.(), 250);
  }

  // What this player's page shows now, and what makes it another one.
  choose() {
    const show = this.state?.show;
    if (this.isReplaced) return ["replaced", ""];
    if (!show || this.isAway || !this.state.up) return ["away", ""];
    const mine = (race) => race?.seats.find((seat) => seat.player === this.page.me) ?? null;
    const seat = DRIVING.includes(show.stage) ? mine(show.race) : null;
    if (seat && !(this.page.me in show.called)) return ["drive", `${show.race.race}/${seat.number}`, seat];
    if (this.page.me in show.called) return ["called", ""];
    if (show.queue.includes(this.page.me)) return ["queue", ""];
    if (mine(show.last)) this.done = { race: show.last, seat: mine(show.last) };
    if (this.done && this.left !== this.done.race.race) {
      return ["result", `${this.done.race.race}/${this.done.seat.position}/${this.done.race.corrected ?? ""}`];
    }
    return ["idle", ""];
  }

  render() {
    const [name, detail, seat] = this.choose();
    const key = `${name}/${detail}`;
    if (key !== this.key) {
      this.view?.leave?.();
      this.key = key;
      this.view = this[name](seat);
      this.root.className = name;
      this.root.replaceChildren(...this.view.parts);
      document.documentElement.classList.toggle("driving", name === "drive");
      this.seat.isDriving = name === "drive";
      if (["called", "drive"].includes(name) && navigator.userActivation?.hasBeenActive !== false) navigator.vibrate?.(CALL_BUZZ);
    }
    this.view.update?.();
  }

  async post(path) {
    try {
      const answer = await (await fetch(path, { method: "POST" })).json();
      if (answer.to) location.assign(answer.to);
      this.refused = answer.away ? this.words.t("player.try_again") : answer.refused ?? null;
    } catch {
      this.refused = this.words.t("player.try_again");
    }
    if (this.refused) {
      const problem = h("p", { class: "problem", role: "alert" }, this.refused);
      this.root.querySelector(".problem")?.remove();
      this.root.prepend(problem);
    }
  }

  button(key, act, kind = "") {
    return h("button", { type: "button", class: kind, onclick: act }, this.words.t(key));
  }

  away() {
    return { parts: [h("h1", {}, this.words.t("fault.title")), h("p", { class: "hint" }, this.words.t("fault.hint"))] };
  }

  replaced() {
    return { parts: [h("h1", {}, this.words.t("player.replaced")), this.button("player.here", () => location.reload(), "big")] };
  }

  queue() {
    const place = h("p", { class: "huge" });
    const wait = h("p", { class: "wait" });
    const update = () => {
      const show = this.state.show;
      const at = show.queue.indexOf(this.page.me);
      if (at < 0) return;
      say(place, String(at + 1));
      const rounds = Math.floor(at / this.page.seats);
      const first = show.next_race_s === null ? this.page.cycleS / 2 : Math.max(0, show.next_race_s - (performance.now() - this.atMs) / 1000);
      const minutes = Math.max(1, Math.round((first + rounds * this.page.cycleS) / 60));
      say(wait, at < this.page.seats ? this.words.t("player.next_race") : this.words.t("player.wait", { minutes }));
    };
    return {
      parts: [
        h("h1", {}, this.words.t("player.queue")), place, wait,
        h("p", { class: "hint" }, this.words.t("player.keep_open")),
        this.howTo(),
        this.button("player.leave", () => this.post("/leave")),
      ],
      update,
    };
  }

  howTo() {
    const mode = this.page.modes[this.state.show.mode];
    return mode?.howTo ? h("p", { class: "card" }, h("strong", {}, mode.title), h("br"), mode.howTo) : h("span", { hidden: true });
  }

  // Being there is enough to come: the phone is heard of by itself. What is wanted is the person at the track.
  called() {
    const left = h("p", { class: "wait" });
    const update = () => {
      const show = this.state.show;
      const seconds = show.next_race_s === null ? null : show.next_race_s - (performance.now() - this.atMs) / 1000;
      if (!this.isLineUp) say(left, this.words.t("pad.no_line"));
      else if (show.stage !== "attract" || seconds === null) say(left, this.words.t("player.soon"));
      else say(left, this.words.t("attract.next", { time: this.words.clock(seconds) }));
    };
    return {
      parts: [
        h("div", { role: "alert" }, h("h1", {}, this.words.t("player.called"))),
        h("p", { class: "wait" }, this.words.t("player.come")), left, this.howTo(),
        this.button("player.leave", () => this.post("/leave")),
      ],
      update,
    };
  }

  drive(seat) {
    const pad = new Pad(this.words, (wish) => this.seat.set(wish));
    const place = h("strong", { class: "place" });
    const told = h("span", { class: "told" });
    const line = h("span", { class: "line-state" });
    const update = () => {
      const show = this.state?.show;
      const now = show?.race?.seats.find((one) => one.player === this.page.me);
      if (!now) return;
      pad.setKind(this.page.modes[show.race.mode]?.kind ?? "race");
      say(line, this.isLineUp ? "" : this.words.t("pad.no_line"));
      const left = show.race.starts_in_s === null ? null : show.race.starts_in_s - (performance.now() - this.atMs) / 1000;
      if (show.stage !== "race") {
        say(place, left === null ? "" : String(Math.max(0, Math.ceil(left))));
        say(told, this.words.t(show.stage === "countdown" ? "countdown.title" : "pad.soon"));
        return;
      }
      say(place, now.out ? "" : this.words.t("pad.place", { place: now.position ?? "–" }));
      if (now.out) say(told, this.words.t("pad.out"));
      else if (show.is_held) say(told, this.words.t("race.held"));
      else if (show.race.kind === "battle") {
        say(told, now.is_disabled ? this.words.t("race.disabled") : this.words.t("race.points", { points: now.score ?? 0 }));
      } else say(told, this.words.t("pad.laps", { laps: now.laps, of: show.race.laps ?? "–", last: this.words.seconds(now.last_lap_s) }));
    };
    return {
      parts: [
        h("h1", { class: "strip" }, badge(seat.number, this.words.t("car.alt", { number: seat.number })), place, told, line),
        pad.element,
      ],
      update,
      leave: () => { pad.setThrottle(0); pad.leave(); },
    };
  }

  // The player's own last result stays until they race again, whoever races meanwhile.
  result() {
    const { race, seat } = this.done;
    const battle = race.kind === "battle";
    const isWinner = race.winner === seat.seat;
    return {
      parts: [
        h("h1", {}, this.words.t(isWinner ? "player.won" : "player.placed", { place: seat.position ?? "–" })),
        badge(seat.number, this.words.t("car.alt", { number: seat.number })),
        h("p", { class: "wait" }, battle
          ? this.words.t("race.points", { points: seat.score ?? 0 })
          : seat.best_lap_s === null ? this.words.t("result.laps", { laps: seat.laps }) : this.words.t("result.best", { time: this.words.seconds(seat.best_lap_s) })),
        this.contact(isWinner),
        this.button("player.again", () => { this.left = race.race; this.post("/again"); }),
      ],
    };
  }

  contact(isWinner) {
    if (this.page.hasContact) return h("a", { class: "button", href: "/thanks" }, this.words.t("player.ticket"));
    const inDraw = isWinner || this.page.enters === "all";
    return h("a", { class: "button big", href: inDraw ? "/lead?draw=1" : "/lead" }, this.words.t(inDraw ? "player.enter_draw" : "player.contact", { prize: this.page.prize }));
  }

  idle() {
    return {
      parts: [
        h("h1", {}, this.words.t("player.hello"), " ", named(this.page.nickname)),
        this.button("join.go", () => this.post("/again"), "big"),
        this.page.hasContact ? this.contact(false) : h("a", { class: "button", href: "/lead" }, this.words.t("player.contact")),
        this.howTo(),
      ],
    };
  }
}

new Player(pageData());
