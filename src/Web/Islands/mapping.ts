/** Shows at once what an import will make of each column, and says when two columns go to one field. */
export function importMapping(root: ParentNode): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form[data-mapping]")) {
    form.addEventListener("change", () => preview(form));
    preview(form);
  }
}

function preview(form: HTMLFormElement): void {
  const columnsOf = new Map<string, string[]>();
  for (const choice of form.querySelectorAll<HTMLSelectElement>("select[data-column]")) {
    const column = choice.dataset["column"] ?? "";
    const field = choice.selectedOptions[0]?.textContent?.trim() ?? "";
    const isSkipped = choice.value === "";
    for (const cell of form.querySelectorAll<HTMLElement>(`[data-column-preview="${CSS.escape(column)}"]`)) {
      cell.classList.toggle("is-skipped", isSkipped);
      if (cell.matches("th")) cell.textContent = isSkipped ? "not imported" : field;
    }
    if (!isSkipped) columnsOf.set(field, [...(columnsOf.get(field) ?? []), choice.dataset["name"] ?? column]);
  }

  const message = form.querySelector<HTMLElement>("[data-mapping-message]");
  if (!message) return;
  const doubles = [...columnsOf].filter(([, columns]) => columns.length > 1);
  message.hidden = doubles.length === 0;
  message.textContent = doubles.map(([field, columns]) => `${columns.join(" and ")} both go to ${field}.`).join(" ");
}
