// The live picture: one request at a time, about four a second, resting while nobody looks.

const PAUSE_MS = 250;
const PAUSE_WITHOUT_PICTURE_MS = 1500;

export function watchCamera(image) {
  let shown = null;
  const hide = () => { image.hidden = true; };
  const next = async () => {
    const address = image.closest("[data-camera]")?.dataset.camera;
    let pause = PAUSE_MS;
    if (!address) {
      hide();
      pause = PAUSE_WITHOUT_PICTURE_MS;
    } else if (!document.hidden) {
      try {
        const answer = await fetch(address, { cache: "no-store" });
        if (answer.status === 200) {
          const fresh = URL.createObjectURL(await answer.blob());
          image.src = fresh;
          image.hidden = false;
          if (shown) URL.revokeObjectURL(shown);
          shown = fresh;
        } else {
          hide();
          pause = PAUSE_WITHOUT_PICTURE_MS;
        }
      } catch {
        hide();
        pause = PAUSE_WITHOUT_PICTURE_MS;
      }
    }
    setTimeout(next, pause);
  };
  next();
}
