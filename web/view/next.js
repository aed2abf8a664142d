// What to try next: commands to copy, and what to expect of them.

import { element, find, reconcile, setBreakable, setHidden, setText } from "./dom.js";

/** `advice` is that of model/advice.js. */
export function showNext(advice) {
  setHidden(find("#next"), advice.length === 0);
  reconcile(find("#next ul"), advice, (_, index) => index, makeItem, (item, { title, local, cluster, expect }) => {
    setText(find("h3", item), title);
    const [here, there] = item.querySelectorAll("code");
    setBreakable(here, local);
    setBreakable(there, cluster);
    setText(find("p", item), expect);
  });
}

function makeItem() {
  return element("li", {}, element("h3"), element("code"), element("code"), element("p", { class: "quiet" }));
}
