/** Keeps a form from being sent twice. The pressed button shows that work has begun. */
export function submitGuard(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset["sent"] !== undefined) {
      event.preventDefault();
      return;
    }
    form.dataset["sent"] = "";
    form.setAttribute("aria-busy", "true");
    event.submitter?.classList.add("is-busy");
  });

  // A page that comes back from the history, or a form whose partial answer has arrived, may be sent again.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach(release);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target instanceof HTMLFormElement) release(event.target);
  });
}

function release(form: HTMLFormElement): void {
  delete form.dataset["sent"];
  form.removeAttribute("aria-busy");
  form.querySelectorAll(".is-busy").forEach((button) => button.classList.remove("is-busy"));
}
