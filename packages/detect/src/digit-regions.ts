// Where a text has enough digits together for a number that means something. Rules for such numbers look only there: most
// texts have few, and each rule is spared a pass of its own.

export interface DigitRegion {
  readonly start: number;
  readonly end: number;
  readonly digits: number;
}

/** Digits with at most two separators between neighbours, as all rules with `digits` write their numbers. */
const REGION = /[0-9](?:[ .()/-]{0,2}[0-9]){3,4000}/g;

export function digitRegions(text: string): readonly DigitRegion[] {
  const regions: DigitRegion[] = [];
  REGION.lastIndex = 0;
  for (let match = REGION.exec(text); match !== null; match = REGION.exec(text)) {
    const [found] = match;
    let digits = 0;
    for (let index = 0; index < found.length; index += 1) {
      const code = found.charCodeAt(index);
      if (code >= 48 && code <= 57) digits += 1;
    }
    regions.push({ start: match.index, end: match.index + found.length, digits });
  }
  return regions;
}
