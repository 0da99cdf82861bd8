// A screen that nobody watches: what may be old is covered, and the style alone covers it as well,
// should the script stand still.

/** Follow how long ago the server was heard; `cover` hides everything once that is `oldMs`. */
export function freshness(cover, oldMs) {
  let heardAt = performance.now();
  const isOld = () => performance.now() - heardAt > oldMs;
  const look = () => cover.classList.toggle("shown", isOld());
  const heard = () => {
    if (isOld()) location.reload(); // the server may be a newer one by now
    heardAt = performance.now();
    for (const waiting of cover.getAnimations()) waiting.currentTime = 0;
    look();
  };
  return { heard, look };
}
