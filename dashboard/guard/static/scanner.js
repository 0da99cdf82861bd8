// A scanner that types like a keyboard: its text always lands in the scan field, whatever has the
// focus, and the page says so when it cannot.

// One that ends its codes with nothing pauses behind them: then a whole code is taken.

const PAUSE_MS = 300; // a scanner types a character every few milliseconds
const GIVEN_UP_MS = 2500; // what is no whole token by then is handed in, so that it is told
const FAST_MS = 60; // between two keys; nobody types a whole number so fast
const LATE_END_MS = 2000; // an Enter that comes behind a code is the scanner's, and no scan
const SAME_SIGHT_MS = 2000; // a code that was away for longer is shown anew
const PREFIX = "GB1:";
const SHORTEST_TOKEN = 40;
const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"; // RFC 9285
const NUMBER = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; // Crockford's base32
const NUMBER_LENGTH = 10;
const MOST_BEHIND = 3; // characters that a scanner may be set to put behind a code
const SIGNATURE = 64; // bytes, the last of a token, behind 58 40 (CBOR: a string of so many bytes)

const TEXT_FIELDS = "input:not([type=radio]):not([type=hidden]), textarea, select";

function bytesOf(text) {
  const bytes = [];
  for (let at = 0; at < text.length; at += 3) {
    const group = [...text.slice(at, at + 3)].map((symbol) => BASE45.indexOf(symbol));
    const number = group.reduceRight((sum, value) => sum * 45 + value, 0);
    if (group.includes(-1) || group.length === 1) return [];
    if (number > (group.length === 3 ? 0xffff : 0xff)) return [];
    if (group.length === 3) bytes.push(number >> 8);
    bytes.push(number & 0xff);
  }
  return bytes;
}

// Whether a receipt's token ends the text, or nearly.
export function endsInToken(text) {
  const code = text.toUpperCase();
  const at = code.lastIndexOf(PREFIX);
  for (let behind = 0; at !== -1 && behind <= MOST_BEHIND; behind += 1) {
    const bytes = bytesOf(code.slice(at + PREFIX.length, code.length - behind));
    const begin = bytes.length - SIGNATURE;
    if (begin > 2 && bytes[begin - 2] === 0x58 && bytes[begin - 1] === 0x40) return true;
  }
  return false;
}

// Whether the text is a receipt's number by its check symbol (Luhn modulo 32).
export function isNumber(text) {
  const code = text.toUpperCase().replace(/[^0-9A-Z]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  const values = [...code].map((symbol) => NUMBER.indexOf(symbol));
  if (values.length !== NUMBER_LENGTH || values.includes(-1)) return false;
  const sum = values.slice(0, -1).reverse().reduce((total, value, place) => {
    const counted = place % 2 === 0 ? value * 2 : value;
    return total + Math.floor(counted / 32) + (counted % 32);
  }, 0);
  return (sum + values.at(-1)) % 32 === 0;
}

// What was typed into the field by a scanner: each code counts once for as long as it is shown,
// whichever way it goes. A number that people type is always meant.
class TypedCodes {
  #typedAt = 0;
  #keys = 0; // so many in a row came faster than anybody types
  #code = "";
  #seenAt = -SAME_SIGHT_MS;
  #endedAt = -LATE_END_MS;

  typed(text) {
    const now = performance.now();
    this.#keys = text.length > 1 && now - this.#typedAt < FAST_MS ? this.#keys + 1 : 1;
    this.#typedAt = now;
  }

  get isScanned() {
    return this.#keys >= NUMBER_LENGTH;
  }

  // Whether the code that is handed in is still the one before.
  isSeenAgain(text) {
    const now = performance.now();
    const code = text.trim().toUpperCase();
    const isScanned = this.isScanned || endsInToken(code);
    const isAgain = isScanned && code === this.#code && now - this.#seenAt < SAME_SIGHT_MS;
    if (isScanned) [this.#code, this.#seenAt, this.#endedAt] = [code, now, now];
    this.#keys = 0;
    return isAgain;
  }

  ended() {
    this.#endedAt = performance.now();
  }

  get isLateEnd() {
    return performance.now() - this.#endedAt < LATE_END_MS;
  }
}

// Hands a code in where the scanner sends no Enter behind it, and holds back one that is repeated.
function takeWholeCodes(form, field) {
  const codes = new TypedCodes();
  let timer = 0;
  const take = (isLate) => {
    const text = field.value;
    const isScanned = codes.isScanned && isNumber(text);
    const isBroken = isLate && text.length >= SHORTEST_TOKEN && text.toUpperCase().includes(PREFIX);
    if (endsInToken(text) || isScanned || isBroken) {
      codes.ended();
      form.requestSubmit();
    } else if (!isLate) timer = setTimeout(take, GIVEN_UP_MS, true);
  };
  field.addEventListener("input", () => {
    codes.typed(field.value);
    clearTimeout(timer);
    timer = setTimeout(take, PAUSE_MS, false);
  });
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!codes.isSeenAgain(field.value)) return;
    field.value = "";
    event.preventDefault();
    event.stopPropagation();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && field.value === "" && codes.isLateEnd) event.preventDefault();
  });
}

export function listenForScanner(form, field, state) {
  takeWholeCodes(form, field);
  const label = state.querySelector("span");
  const show = (now) => {
    if (state.dataset.now === now) return;
    state.dataset.now = now;
    label.textContent = state.dataset[now];
  };
  const judge = () => {
    const active = document.activeElement;
    if (!document.hasFocus()) show("away");
    else if (active !== field && active?.matches(TEXT_FIELDS)) show("typing");
    else show("ready");
  };

  document.addEventListener("keydown", (event) => {
    if (event.getModifierState("CapsLock") && document.activeElement === field) show("caps");
    if (event.key === "F2") {
      event.preventDefault();
      document.querySelector(":popover-open")?.hidePopover();
      field.focus();
      field.select();
      return;
    }
    // Some scanners end a code with Tab instead of Enter.
    if (event.key === "Tab" && document.activeElement === field && field.value.trim() !== "") {
      event.preventDefault();
      form.requestSubmit();
      return;
    }
    const isText = event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;
    const isOnButton = event.key === " " && document.activeElement?.matches("button, a");
    if (isText && !isOnButton && !document.activeElement?.matches(TEXT_FIELDS)) {
      // In an open panel people type what belongs there.
      const panel = document.querySelector(".panel:popover-open");
      const own = panel?.querySelector("input[autofocus]") ?? panel?.querySelector(TEXT_FIELDS);
      if (own) {
        own.focus();
        return;
      }
      document.querySelector(":popover-open")?.hidePopover();
      field.focus(); // the character itself then lands in the field
    }
  });
  for (const name of ["focusin", "focusout", "pointerup"]) document.addEventListener(name, () => setTimeout(judge));
  addEventListener("focus", () => {
    // Back from another window; an open panel keeps the focus for what is typed there.
    if (!document.querySelector(".panel:popover-open")) field.focus({ preventScroll: true });
    judge();
  });
  addEventListener("blur", judge);
  state.addEventListener("click", () => field.focus());
  field.focus({ preventScroll: true });
  judge();
}
