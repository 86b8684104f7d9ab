/** Gives each `<time datetime>` the viewer's own zone as its title; the text stays as the server wrote it. */
export function localTimes(root: ParentNode): void {
  const format = new Intl.DateTimeFormat(document.documentElement.lang || undefined, { dateStyle: "full", timeStyle: "long" });
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[datetime*='T']")) {
    const at = new Date(time.dateTime);
    if (!Number.isNaN(at.getTime())) time.title = format.format(at);
  }
}
