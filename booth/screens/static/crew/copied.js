// How many contacts are on this machine only: always in sight of crew and IT.

import { say } from "../dom.js";

const badge = document.getElementById("not-copied");

export function showNotCopied(count) {
  badge.hidden = !count;
  say(badge, badge.dataset.text.replace("{count}", count ?? 0));
}
