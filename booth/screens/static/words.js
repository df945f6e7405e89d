// Texts by key, with {places} filled in, and numbers as people read them.

export class Words {
  constructor(byKey, language) {
    this.byKey = byKey;
    this.language = language;
    this.fixed = new Map();
  }

  t(key, places = {}) {
    const text = this.byKey[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (all, name) => (name in places ? String(places[name]) : all));
  }

  number(value, digits = 0) {
    if (!this.fixed.has(digits)) {
      this.fixed.set(digits, new Intl.NumberFormat(this.language, {
        minimumFractionDigits: digits, maximumFractionDigits: digits,
      }));
    }
    return this.fixed.get(digits).format(value);
  }

  seconds(value, digits = 2) {
    return value === null || value === undefined ? "–" : `${this.number(value, digits)} s`;
  }

  // 75 -> 1:15
  clock(value) {
    const left = Math.max(0, Math.ceil(value));
    return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
  }
}
