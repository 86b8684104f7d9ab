/** Runs `wake` on the whole page now, and on each part that htmx puts in later. */
export function onContent(wake: (root: ParentNode) => void): void {
  wake(document);
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target instanceof Element) wake(event.target);
  });
}

/** True where a key press belongs to the text being typed, not to the page. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement
    && (target.isContentEditable || target.matches("input:not([type=checkbox],[type=radio]), textarea, select"));
}

/** Says `text` to screen readers, through the one live region of the page. */
export function announce(text: string): void {
  const region = document.getElementById("announcer");
  if (region) region.textContent = text;
}
