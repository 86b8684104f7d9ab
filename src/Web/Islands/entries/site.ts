// The one script every page loads. Each island looks for its own marks in the page and does nothing where there are none.
import "htmx.org";
import { onContent } from "../content";
import { copyButtons } from "../copy";
import { failures } from "../failures";
import { filterAddress } from "../filter";
import { importMapping } from "../mapping";
import { menus } from "../menus";
import { palette } from "../palette";
import { liveProgress } from "../progress";
import { schemeToggle } from "../scheme";
import { submitGuard } from "../submit";
import { tableKeys } from "../table";
import { localTimes } from "../times";

palette();
menus();
submitGuard();
failures();
filterAddress();
schemeToggle();
tableKeys();
copyButtons();
onContent((root) => {
  localTimes(root);
  liveProgress(root);
  importMapping(root);
});
