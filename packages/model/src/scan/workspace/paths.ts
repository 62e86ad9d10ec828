/** A version that is a path or another package of the same repository. */
export function looksLikePath(version: string): boolean {
  return /^(?:file|link|portal|workspace|catalog|npm):|^\.{0,2}\//.test(version);
}
