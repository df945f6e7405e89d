// Not open now; when we are.

import { h } from "../dom.js";
import { brandHead } from "./parts.js";

export function closed({ page, words }) {
  const day = (iso) => new Intl.DateTimeFormat(words.language, { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" })
    .format(new Date(`${iso}T12:00:00Z`));
  return {
    isBare: true,
    element: h("div", { class: "closed" },
      brandHead(page, words),
      h("h1", {}, words.t("closed.title")),
      h("ul", {}, page.hours.map((hours) => h("li", {},
        hours.day ? `${day(hours.day)}: ` : `${words.t("closed.daily")}: `, `${hours.opens} – ${hours.closes}`))),
      h("p", { class: "message" }, page.message[words.language])),
  };
}
