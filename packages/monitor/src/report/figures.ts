// Figures as a reader wants them: three digits, shares in per cent, never a bare "0" for something that is merely small.

export function number(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  const text =
    size >= 1e6 || size < 1e-4
      ? value.toExponential(2)
      : size >= 1000
        ? value.toFixed(0)
        : String(Number(value.toPrecision(3)));
  return text.replace('-', '−');
}

export function percent(share: number): string {
  const hundred = share * 100;
  const digits = Math.abs(hundred) < 10 ? 1 : 0;
  return share > 0 && hundred < 0.05 ? '< 0.1 %' : `${hundred.toFixed(digits)} %`;
}

export function signed(value: number): string {
  const text = number(value);
  return value > 0 ? `+${text}` : text;
}

export function pValue(p: number, permutations: number): string {
  const least = 1 / (permutations + 1);
  return p <= least * 1.0001 ? `≤ ${number(least)}` : number(p);
}

export function rows(count: number): string {
  return count.toLocaleString('en-US');
}

export function times(value: number): string {
  return Math.abs(value) <= 8.64e15 ? new Date(value).toISOString().slice(0, 16).replace('T', ' ') : number(value);
}
