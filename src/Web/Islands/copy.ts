import { announce } from "./content";

const confirmationMs = 1600;

/** Buttons with `data-copy` put that text, or the text of the element it names with `#`, on the clipboard. */
export function copyButtons(): void {
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    if (!button) return;
    const wanted = button.dataset["copy"] ?? "";
    const text = wanted.startsWith("#") ? document.querySelector(wanted)?.textContent ?? "" : wanted;
    try {
      await navigator.clipboard.writeText(text);
      show(button, "is-copied", "Copied");
    } catch {
      // Without https or permission the value stays selected, so that Ctrl C does it.
      const value = button.parentElement?.querySelector("[data-copy-value]");
      if (value) getSelection()?.selectAllChildren(value);
      show(button, "is-selected", "Selected: press Ctrl C");
    }
  });
}

function show(button: HTMLElement, state: string, said: string): void {
  button.classList.add(state);
  announce(said);
  setTimeout(() => button.classList.remove(state), confirmationMs);
}
