// A scanner that types like a keyboard: its text always lands in the scan field, whatever has the
// focus, and the page says so when it cannot.

const TEXT_FIELDS = "input:not([type=radio]):not([type=hidden]), textarea, select";

export function listenForScanner(form, field, state) {
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
      const own = panel?.querySelector(TEXT_FIELDS);
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
