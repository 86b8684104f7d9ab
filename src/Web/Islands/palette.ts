/** One line of the palette, as the page carries it in `#palette-actions`. */
interface Action {
  text: string;
  href: string;
  kind: string;
  words?: string;
}

const shownMax = 12;

/** The command palette (Ctrl K or ⌘ K): go to, create, act. Every entry is a link that also stands somewhere in the pages. */
export function palette(): void {
  const dialog = document.getElementById("palette");
  if (!(dialog instanceof HTMLDialogElement)) return;
  const input = dialog.querySelector<HTMLInputElement>("input");
  const list = dialog.querySelector<HTMLElement>("[role=listbox]");
  if (!input || !list) return;
  const actions = JSON.parse(document.getElementById("palette-actions")?.textContent ?? "[]") as Action[];

  const open = (): void => {
    input.value = "";
    show(actions, "", input, list);
    dialog.showModal();
    input.focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (dialog.open) dialog.close();
      else open();
    }
  });
  document.addEventListener("click", (event) => {
    const trigger = event.target instanceof Element ? event.target.closest("[data-palette]") : null;
    if (trigger) {
      event.preventDefault();
      open();
    } else if (event.target === dialog) dialog.close();
  });
  input.addEventListener("input", () => show(actions, input.value, input, list));
  input.addEventListener("keydown", (event) => onKey(event, input, list));
}

function onKey(event: KeyboardEvent, input: HTMLInputElement, list: HTMLElement): void {
  const options = [...list.querySelectorAll<HTMLAnchorElement>("[role=option]")];
  const at = options.findIndex((option) => option.ariaSelected === "true");
  const target = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }[event.key];
  if (target !== undefined && options.length > 0) {
    if ((event.key === "Home" || event.key === "End") && input.value !== "") return;
    event.preventDefault();
    select(options, (target + options.length) % options.length, input);
  } else if (event.key === "Enter") {
    event.preventDefault();
    options[at]?.click();
  }
}

function select(options: HTMLAnchorElement[], index: number, input: HTMLInputElement): void {
  options.forEach((option, i) => { option.ariaSelected = String(i === index); });
  const option = options[index];
  option?.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", option?.id ?? "");
}

function show(actions: Action[], wanted: string, input: HTMLInputElement, list: HTMLElement): void {
  const found = actions
    .map((action) => ({ action, rank: rank(action, wanted) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank)
    .slice(0, shownMax);
  list.replaceChildren(...found.map(({ action }, i) => optionOf(action, i)));
  if (found.length === 0) {
    const none = document.createElement("p");
    none.textContent = `Nothing here is called “${wanted}”.`;
    list.append(none);
  }
  select([...list.querySelectorAll<HTMLAnchorElement>("[role=option]")], 0, input);
}

function optionOf(action: Action, index: number): HTMLAnchorElement {
  const option = document.createElement("a");
  option.id = `palette-${index}`;
  option.href = action.href;
  option.tabIndex = -1;
  option.setAttribute("role", "option");
  const kind = document.createElement("span");
  kind.textContent = action.kind;
  const text = document.createElement("b");
  text.textContent = action.text;
  option.append(text, kind);
  return option;
}

/** 0 = no match. A start of the text ranks first, then a start of a word, then letters in order ("nc" finds "New campaign"). */
function rank(action: Action, wanted: string): number {
  const sought = wanted.trim().toLowerCase();
  if (sought === "") return 1;
  const text = `${action.text} ${action.words ?? ""}`.toLowerCase();
  if (text.startsWith(sought)) return 4;
  if (text.includes(` ${sought}`)) return 3;
  if (text.includes(sought)) return 2;
  let at = -1;
  for (const letter of sought) {
    at = text.indexOf(letter, at + 1);
    if (at < 0) return 0;
  }
  return 1;
}
