// The draw, step by step, as the crew goes through it.

import { h } from "../dom.js";
import { brandHead } from "./parts.js";

export function draw({ page, words, show }) {
  const body = show.draw ?? {};
  return {
    isBare: true,
    element: h("div", { class: "draw" }, brandHead(page, words), h("h1", {}, words.t("draw.title", { prize: page.prize })),
      h("p", {}, body.step ?? "")),
  };
}
