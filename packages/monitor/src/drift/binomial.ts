// How many of a bin's rows a deal hands out, when each row is handed out with the same chance: a binomial number by inversion of a
// table, because the same few bins are dealt thousands of times.

/** Weights below this share of the largest cannot be drawn in all deals together. */
const NEGLIGIBLE = 1e-15;

/** @returns draws from the binomial law of `rows` trials with chance `share`, above 0 and below 1 */
export function binomial(rows: number, share: number, random: () => number): () => number {
  const mode = Math.min(rows, Math.floor((rows + 1) * share));
  const odds = share / (1 - share);
  const up: number[] = [];
  for (let k = mode, weight = 1; k < rows && weight > NEGLIGIBLE; k += 1) {
    weight *= ((rows - k) / (k + 1)) * odds;
    up.push(weight);
  }
  const down: number[] = [];
  for (let k = mode, weight = 1; k > 0 && weight > NEGLIGIBLE; k -= 1) {
    weight *= k / (rows - k + 1) / odds;
    down.push(weight);
  }
  const weights = Float64Array.from([...down.reverse(), 1, ...up]);
  const least = mode - down.length;
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const upTo = weights.map((weight) => (sum += weight) / all);
  upTo[upTo.length - 1] = 1;
  // Where to begin looking, for each of as many equal parts of [0, 1) as there are outcomes.
  const size = upTo.length;
  const from = new Int32Array(size);
  for (let part = 0, at = 0; part < size; part += 1) {
    while ((upTo[at] as number) <= part / size) at += 1;
    from[part] = at;
  }
  return () => {
    const u = random();
    let at = from[Math.floor(u * size)] as number;
    while ((upTo[at] as number) <= u) at += 1;
    return least + at;
  };
}
