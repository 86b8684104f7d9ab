const aYearSeconds = 31_536_000;

/** Switches light, dark and "as the system" in place. Without script the same buttons post the form. */
export function schemeToggle(): void {
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLButtonElement>("button[name=scheme]") : null;
    if (!button) return;
    event.preventDefault();
    const scheme = button.value;
    const secure = location.protocol === "https:" ? "; secure" : "";
    document.cookie = `pm_scheme=${scheme}; path=/; max-age=${aYearSeconds}; samesite=lax${secure}`;
    if (scheme === "auto") delete document.documentElement.dataset["scheme"];
    else document.documentElement.dataset["scheme"] = scheme;
    for (const other of document.querySelectorAll<HTMLButtonElement>("button[name=scheme]"))
      other.setAttribute("aria-pressed", String(other.value === scheme));
  });
}
