// One set and its cars: what is wrong in one letter with words beside it, races left, and what may be done.

import { badge } from "../car.js";
import { h, say } from "../dom.js";

export function setHead(set, desk, words) {
  return h("h3", {}, words.t("set.name", { set: set.set_name }),
    set.races_left === null ? null : h("span", { class: "soft" }, words.t("set.races_left", { count: set.races_left })),
    h("span", { class: "state" }, words.t(`set.${set.state}`)));
}

export function carRow(car, set, desk, words, tick) {
  const battery = h("dd", {});
  const silent = h("dd", {});
  tick((sets) => {
    const now = sets.flatMap((one) => one.cars).find((one) => one.car === car.car);
    if (!now) return;
    say(battery, now.battery_mv === null ? "–" : `${words.number(now.battery_mv / 1000, 2)} V`);
    say(silent, now.silent_s === null ? "–" : words.seconds(now.silent_s, 0));
  });
  const reasons = ["reason.slow", "reason.off_track", "reason.battery"].map((key) => words.t(key));
  return h("details", { class: "car", "data-key": `car-${car.car}` },
    h("summary", {},
      badge(car.number),
      h("span", {}, h("strong", {}, car.label), h("span", { class: "words" }, car.taken_out ? words.t("car.taken_out", { why: car.taken_out }) : car.words || words.t("car.well"))),
      h("span", { class: "letter", "aria-hidden": "true" }, car.letter),
      h("span", { class: "left" }, car.races_left === null ? "?" : String(car.races_left), h("small", {}, words.t("car.races")))),
    h("div", { class: "more" },
      h("dl", {},
        h("dt", {}, words.t("car.power")), h("dd", {}, car.power),
        h("dt", {}, words.t("car.link")), h("dd", {}, car.link),
        h("dt", {}, words.t("car.charger")), h("dd", {}, car.charger),
        h("dt", {}, words.t("car.battery")), battery,
        h("dt", {}, words.t("car.silent")), silent),
      h("div", { class: "row" },
        desk.button("car.may_charge", { do: "MayCharge", car: car.car }),
        car.taken_out
          ? desk.button("car.readmit", { do: "Readmit", car: car.car })
          : desk.because("car.take_out", reasons, (why) => ({ do: "TakeOut", car: car.car, why })),
        desk.button("car.restart", { do: "Restart", what: car.label }))));
}
