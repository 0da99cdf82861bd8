// A form that carries what the browser says about a passkey: asked for when the form is sent.
// https://www.w3.org/TR/webauthn-2/

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const described = (one) => ({ ...one, id: bytesOf(one.id) });

/** What the browser takes, of the JSON that the page has. */
function optionsOf(json) {
  const options = JSON.parse(json);
  options.challenge = bytesOf(options.challenge);
  if (options.user) options.user.id = bytesOf(options.user.id);
  options.excludeCredentials = options.excludeCredentials?.map(described);
  options.allowCredentials = options.allowCredentials?.map(described);
  return options;
}

/** What the office takes, of what the browser said. */
function answerOf(credential) {
  const { response } = credential;
  const told = { clientDataJSON: textOf(response.clientDataJSON) };
  if (response.attestationObject) {
    told.attestationObject = textOf(response.attestationObject);
    told.transports = response.getTransports?.() ?? [];
  } else {
    told.authenticatorData = textOf(response.authenticatorData);
    told.signature = textOf(response.signature);
  }
  const { id, type } = credential;
  return JSON.stringify({ id, type, rawId: textOf(credential.rawId), response: told });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button");
  const tell = (what) => {
    for (const one of form.querySelectorAll("[data-told]")) one.hidden = one.dataset.told !== what;
  };
  if (!globalThis.PublicKeyCredential) {
    tell("unable");
    continue;
  }
  tell("");
  button.hidden = false;
  if (button.dataset.first !== undefined) button.focus();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    tell("");
    button.disabled = true;
    try {
      const publicKey = optionsOf(form.dataset.options);
      const isNew = form.dataset.passkey === "new";
      const found = await navigator.credentials[isNew ? "create" : "get"]({ publicKey });
      form.elements.credential.value = answerOf(found);
      form.submit();
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      button.disabled = false;
      button.focus();
      tell(error.name === "InvalidStateError" ? "known" : "left");
    }
  });
}
