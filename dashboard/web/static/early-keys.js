// Keys that are pressed while the page's own script is on its way are held back, and given to it in
// their order. In the head, no module: it listens before there is anything to press a key for.

(() => {
  const held = [];
  const TEXT_FIELDS = "input:not([type=checkbox], [type=radio]), select, textarea";

  function hold(event) {
    if (event.ctrlKey || event.metaKey || event.isComposing) return;
    const isText = event.key.length === 1 || event.key === "Enter" || event.key.startsWith("Arrow");
    const isTyped = event.target.matches(TEXT_FIELDS); // there it is where it belongs
    const isAct = event.altKey ? event.code.startsWith("Key") : event.key === "F2" || (isText && !isTyped);
    if (!isAct) return;
    event.preventDefault();
    held.push(event);
  }

  // What a browser does where no script wants the key.
  function press({ key, altKey }, target) {
    if (altKey) return;
    const focused = document.activeElement; // the script may have moved it, for this very key
    if (focused.matches(TEXT_FIELDS) && key.length === 1) {
      focused.setRangeText(key, focused.selectionStart, focused.selectionEnd, "end");
      focused.dispatchEvent(new InputEvent("input", { bubbles: true, data: key, inputType: "insertText" }));
    } else if (key === "Enter" && focused.matches(TEXT_FIELDS)) focused.form?.requestSubmit();
    else if (key === "Enter" ? target.matches("a, button, summary") : key === " " && target.matches("button, input, summary")) target.click();
  }

  addEventListener("keydown", hold, true);
  // Modules have run by then, or could not be loaded.
  document.addEventListener("DOMContentLoaded", () => {
    removeEventListener("keydown", hold, true);
    if (held.length > 0 && document.activeElement === document.body) document.querySelector("[autofocus]")?.focus();
    for (const { key, code, altKey, shiftKey } of held) {
      const target = document.activeElement;
      const again = new KeyboardEvent("keydown", { key, code, altKey, shiftKey, bubbles: true, cancelable: true });
      if (target.dispatchEvent(again)) press(again, target);
    }
  });
})();
