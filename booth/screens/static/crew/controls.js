// What the crew may always do with the race.

import { h } from "../dom.js";

export function controls({ stage, held, race, called, last, swap, names }, _context, desk, words) {
  const runs = ["countdown", "race"].includes(stage);
  const reasons = ["reason.safety", "reason.stuck", "reason.wrong"].map((key) => words.t(key));
  const buttons = [
    held ? desk.button("control.resume", { do: "Resume" }, "big") : desk.button("control.hold", { do: "Hold" }, "hold"),
    stage === "line-up" ? desk.button("control.start", { do: "StartRace" }) : null,
    runs ? desk.because("control.stop", reasons, (why) => ({ do: "StopRace", why })) : null,
    last !== null && !runs ? desk.button("control.rerun", { do: "Rerun", race: last }) : null,
    swap || stage === "closed" ? null : desk.button("control.swap", { do: "CallSwap" }),
    stage === "closed" ? desk.button("control.open", { do: "OpenShow" }, "big") : desk.button("control.close", { do: "CloseShow" }),
  ];
  const missing = (race?.seats ?? []).filter((seat) => seat.player && (!seat.is_there || called.includes(seat.player)));
  return [
    h("h2", {}, words.t("crew.race")),
    h("div", { class: "row" }, buttons),
    ...missing.map((seat) => h("div", { class: "row" },
      h("span", {}, words.t("control.waits_for", { number: seat.number }), " ", h("bdi", { class: "name" }, names[seat.player] ?? words.t("seat.guest"))),
      desk.button("control.skip", { do: "Skip", seat: seat.seat }))),
  ];
}
