import { announce } from "./content";

/** A partial update that fails says so where the person looks; the page itself stays as it was. */
export function failures(): void {
  document.addEventListener("htmx:responseError", () => show("The server could not answer that. Reload the page, or try again."));
  document.addEventListener("htmx:sendError", () => show("No connection to the server. Check the network, then try again."));
  document.addEventListener("htmx:afterOnLoad", () => show(""));
}

function show(text: string): void {
  const place = document.getElementById("failure");
  if (!place) return;
  place.hidden = text === "";
  const line = place.querySelector("p");
  if (line) line.textContent = text;
  if (text !== "") announce(text);
}
