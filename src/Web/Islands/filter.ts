/** Leaves empty choices of a filter out of the address, so that a link to a list says only what narrows it. */
export function filterAddress(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, formData } = (event as CustomEvent<{ elt: Element; formData: FormData }>).detail;
    if (!elt.matches(".filter-bar")) return;
    for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
  });
}
