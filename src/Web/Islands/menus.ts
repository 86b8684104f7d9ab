const gapPx = 4;

/** Menus are `<details>`: they work alone. Here they also close on Escape and outside clicks, and leave scrolling boxes. */
export function menus(): void {
  document.addEventListener("toggle", (event) => {
    const menu = event.target;
    if (!(menu instanceof HTMLDetailsElement) || !menu.matches(".menu") || !menu.open) return;
    for (const other of openMenus()) if (other !== menu && !other.contains(menu)) other.open = false;
    if (menu.closest(".table-scroll")) place(menu);
  }, true);

  document.addEventListener("click", (event) => {
    for (const menu of openMenus())
      if (event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.target instanceof Element ? event.target.closest<HTMLDetailsElement>("details.menu[open]") : null;
    if (!menu) return;
    if (event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      event.stopImmediatePropagation();
      step(menu, event.key === "ArrowDown" ? 1 : -1);
    }
  });

  addEventListener("scroll", () => {
    for (const menu of openMenus()) if (menu.closest(".table-scroll")) menu.open = false;
  }, { passive: true });
}

function openMenus(): NodeListOf<HTMLDetailsElement> {
  return document.querySelectorAll<HTMLDetailsElement>("details.menu[open]");
}

// A box that scrolls would cut the panel off; fixed to the window it stays whole.
function place(menu: HTMLDetailsElement): void {
  const panel = menu.querySelector<HTMLElement>(".menu-panel");
  const summary = menu.querySelector("summary");
  if (!panel || !summary) return;
  const from = summary.getBoundingClientRect();
  const size = panel.getBoundingClientRect();
  const fitsBelow = from.bottom + gapPx + size.height < innerHeight;
  panel.style.position = "fixed";
  panel.style.inset = "auto";
  panel.style.top = `${fitsBelow ? from.bottom + gapPx : Math.max(gapPx, from.top - gapPx - size.height)}px`;
  panel.style.left = `${Math.min(Math.max(gapPx, from.right - size.width), innerWidth - size.width - gapPx)}px`;
}

function step(menu: HTMLDetailsElement, by: number): void {
  const items = [...menu.querySelectorAll<HTMLElement>(".menu-panel :is(a[href], button:not([disabled]))")];
  const at = items.indexOf(document.activeElement as HTMLElement);
  items[(at + by + items.length) % items.length]?.focus();
}
