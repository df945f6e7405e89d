// The sets change over: part of the show, with the time it usually takes.

import { h, say } from "../dom.js";
import { sinceS } from "./parts.js";

export function pitStop({ page, words, show }) {
  const clock = h("p", { class: "clock" });
  const bar = h("progress", { max: "100", "aria-label": words.t("pit.progress") });
  const element = h("div", { class: "pit" },
    h("h1", {}, words.t("pit.title")),
    h("p", { class: "sets" }, words.t("pit.sets", { from: show.swap.from_set, to: show.swap.to_set })),
    bar, clock,
    h("p", { class: "hint" }, words.t("pit.hint")));
  const update = ({ show: now, atMs }) => {
    const elapsed = now.swap.elapsed_s + sinceS(atMs);
    const left = now.swap.usual_s - elapsed;
    bar.value = Math.max(0, Math.min(100, (100 * elapsed) / Math.max(1, now.swap.usual_s)));
    say(clock, left > 5 ? words.t("pit.back_in", { time: words.clock(left) }) : words.t("pit.any_moment"));
  };
  return { element, update };
}
