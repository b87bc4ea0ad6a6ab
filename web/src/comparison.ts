/** «Comparar con…»: the kept comparisons that begin with the study shown, and what they change on the map. */

import type { Comparison, Speak } from "./config";
import { byId, h } from "./dom";
import type { Format } from "./format";

/** Fill the choice, which stays hidden while nothing was compared; `draw` shows a comparison, or none. */
export function offerComparisons(
  comparisons: readonly Comparison[],
  speak: Speak,
  format: Format,
  draw: (comparison: string | null) => void,
): void {
  if (comparisons.length === 0) return;
  const choice = byId<HTMLSelectElement>("compare");
  const said = byId("compared");
  choice.replaceChildren(
    h("option", { value: "" }, speak("compare_none")),
    ...comparisons.map((each) => h("option", { value: each.comparison }, each.to)),
  );
  choice.addEventListener("change", () => {
    const chosen = comparisons.find((each) => each.comparison === choice.value);
    said.hidden = !chosen;
    if (chosen)
      said.textContent = speak("compared", {
        to: chosen.to,
        area: format.whole(chosen.changed_ha),
        percent: format.value(Math.round(1000 * chosen.changed_share) / 10),
      });
    draw(chosen?.comparison ?? null);
  });
  byId("compare-box").hidden = false;
}
