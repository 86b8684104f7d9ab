/** What the server sends for a job: numbers for the bar, and the finished sentence so that wording lives in one place. */
interface Progress {
  done: number;
  total: number | null;
  line: string;
  word: string;
  is_over: boolean;
}

/** Follows jobs marked with `data-events` over server-sent events; when a job is over the page is read anew. */
export function liveProgress(root: ParentNode): void {
  for (const job of root.querySelectorAll<HTMLElement>("[data-events]:not([data-live])")) {
    job.dataset["live"] = "";
    const source = new EventSource(job.dataset["events"] ?? "");
    source.onmessage = (message: MessageEvent<string>) => {
      if (!job.isConnected) {
        source.close();
        return;
      }
      const progress = JSON.parse(message.data) as Progress;
      show(job, progress);
      if (progress.is_over) {
        source.close();
        location.reload();
      }
    };
  }
}

function show(job: HTMLElement, progress: Progress): void {
  const bar = job.querySelector("progress");
  if (bar && progress.total !== null) {
    bar.max = progress.total;
    bar.value = progress.done;
  }
  const line = job.querySelector("[data-progress-line]");
  const word = job.querySelector("[data-progress-word]");
  if (line) line.textContent = progress.line;
  if (word) word.textContent = progress.word;
}
