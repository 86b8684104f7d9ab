import { announce, isTyping } from "./content";

/** Keys for tables: arrows move between rows, Enter opens, `x` selects, `/` goes to the search. */
export function tableKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (event.key === "/") focusSearch(event);
    else onRow(event);
  });
  document.addEventListener("change", (event) => {
    if (event.target instanceof HTMLInputElement && event.target.matches("[data-select], [data-select-all]")) selectionChanged(event.target);
  });
  document.addEventListener("click", (event) => {
    const clear = event.target instanceof Element ? event.target.closest("[data-select-none]") : null;
    const table = clear?.closest<HTMLElement>("[data-table]");
    if (table) selectAll(table, false);
  });
}

function focusSearch(event: KeyboardEvent): void {
  const search = document.querySelector<HTMLInputElement>("main input[type=search]") ?? document.querySelector<HTMLInputElement>("input[type=search]");
  if (!search) return;
  event.preventDefault();
  search.focus();
  search.select();
}

function onRow(event: KeyboardEvent): void {
  const table = (event.target instanceof Element ? event.target.closest<HTMLElement>("[data-table]") : null)
    ?? document.querySelector<HTMLElement>("main [data-table]");
  if (!table) return;
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at];
  switch (event.key) {
    case "ArrowDown": case "ArrowUp": {
      const next = rows[at < 0 ? 0 : at + (event.key === "ArrowDown" ? 1 : -1)];
      if (!next) return;
      event.preventDefault();
      moveTo(next, rows);
      break;
    }
    case "Enter":
      // Links and buttons inside a row keep their own Enter.
      if (row && event.target === row) row.querySelector<HTMLAnchorElement>("a[data-open], th a, td a")?.click();
      break;
    case "x": {
      const box = row?.querySelector<HTMLInputElement>("[data-select]");
      if (box) { box.click(); event.preventDefault(); }
      break;
    }
  }
}

function moveTo(row: HTMLTableRowElement, rows: HTMLTableRowElement[]): void {
  for (const other of rows) other.tabIndex = -1;
  row.tabIndex = 0;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function selectionChanged(box: HTMLInputElement): void {
  const table = box.closest<HTMLElement>("[data-table]");
  if (!table) return;
  if (box.matches("[data-select-all]")) selectAll(table, box.checked);
  else showSelection(table);
}

function selectAll(table: HTMLElement, isSelected: boolean): void {
  for (const box of table.querySelectorAll<HTMLInputElement>("[data-select]")) box.checked = isSelected;
  showSelection(table);
}

function showSelection(table: HTMLElement): void {
  const boxes = [...table.querySelectorAll<HTMLInputElement>("[data-select]")];
  const selected = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest("tr")?.toggleAttribute("data-selected", box.checked);
  const all = table.querySelector<HTMLInputElement>("[data-select-all]");
  if (all) {
    all.checked = selected > 0 && selected === boxes.length;
    all.indeterminate = selected > 0 && selected < boxes.length;
  }
  const count = table.querySelector("[data-select-count]");
  if (count) count.textContent = `${selected} selected`;
  announce(`${selected} of ${boxes.length} selected`);
}
