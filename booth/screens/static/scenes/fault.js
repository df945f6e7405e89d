// Something is not as it should be; visitors see the brand and "one moment", never an error.

import { h } from "../dom.js";
import { brandHead } from "./parts.js";

export function fault({ page, words }) {
  return {
    isBare: true,
    element: h("div", { class: "fault" },
      brandHead(page, words),
      h("h1", {}, words.t("fault.title")),
      h("p", {}, words.t("fault.hint")),
      h("p", { class: "message" }, page.message[words.language])),
  };
}
