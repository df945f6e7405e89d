// A shared tablet: what one visitor typed is gone before the next one comes, when nobody touches it or on the way back.

import "./form.js";
import "./crew/copied_only.js";

const IDLE_S = Number(document.querySelector("main").dataset.idle ?? 60);
let timer = null;

function forget() {
  for (const form of document.querySelectorAll("form")) form.reset();
  for (const input of document.querySelectorAll("input[value]:not([type=hidden], [type=radio], [type=checkbox]), textarea")) input.value = "";
  location.replace("/crew/lead");
}

function touched() {
  clearTimeout(timer);
  timer = setTimeout(forget, IDLE_S * 1000);
}

for (const kind of ["pointerdown", "keydown", "input"]) addEventListener(kind, touched);
addEventListener("pagehide", () => { for (const form of document.querySelectorAll("form")) form.reset(); });
touched();

