// Copies an address or a secret on a press; without a clipboard the button stays away.

if (navigator.clipboard) {
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.querySelector(button.dataset.copy).textContent.trim();
      await navigator.clipboard.writeText(text);
      const [word, copied] = [button.querySelector("span"), button.querySelector("[data-copied]")];
      word.hidden = true;
      copied.hidden = false;
      setTimeout(() => {
        word.hidden = false;
        copied.hidden = true;
      }, 2500);
    });
  }
}
