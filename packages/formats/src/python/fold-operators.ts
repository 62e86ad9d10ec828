// Operators, slices and items of constants.
import { asText, integer, join, latin1, MAX_ITEMS, whole } from './fold.js';
import type { Origin, PythonValue } from './values.js';
import { HOLE, joinOrigins, MAX_TEXT, NOWHERE, originOf, textValue, UNKNOWN } from './values.js';

/** `a + b`, `text % values`, `a ^ b`. */
export function foldOperator(operator: string, a: PythonValue, b: PythonValue): PythonValue {
  const from = joinOrigins(originOf(a), originOf(b));
  if (operator === '+') {
    if (a.kind === 'text' || b.kind === 'text') {
      if (a.kind === 'text' && b.kind === 'text')
        return textValue(a.text + b.text, from, a.bytes === true, a.open === true || b.open === true);
      return textValue(a.kind === 'text' ? a.text + HOLE : HOLE + (b.kind === 'text' ? b.text : ''), from, false, true);
    }
    if (a.kind === 'list' && b.kind === 'list' && a.items.length + b.items.length <= MAX_ITEMS)
      return {
        kind: 'list',
        items: [...a.items, ...b.items],
        from,
        ...(a.open === true || b.open === true ? { open: true } : {}),
      };
    if (a.kind === 'list' || b.kind === 'list')
      return {
        kind: 'list',
        items: a.kind === 'list' ? [...a.items] : b.kind === 'list' ? [...b.items] : [],
        open: true,
        from,
      };
  }
  if (operator === '%' && a.kind === 'text') return percent(a, b, from);
  if (operator === '/' && (a.kind === 'text' || b.kind === 'text')) return join([a, b], '/', from);
  if (operator === '*') {
    const [text, times] = a.kind === 'text' ? [whole(a), integer(b)] : [whole(b), integer(a)];
    if (text !== undefined && times !== undefined && times >= 0 && text.length * times <= MAX_TEXT)
      return textValue(text.repeat(times), from);
  }
  if (a.kind === 'number' && b.kind === 'number') {
    const value = arithmetic(operator, a.value, b.value);
    if (value !== undefined) return { kind: 'number', value, from };
  }
  return from.size === 0 ? UNKNOWN : { kind: 'unknown', from };
}

function percent(a: PythonValue & { kind: 'text' }, b: PythonValue, from: Origin): PythonValue {
  const values = b.kind === 'list' ? b.items : [b];
  let next = 0;
  let open = a.open === true;
  const text = a.text.replace(/%(?:\((\w+)\))?[-+ #0-9.*]*([a-zA-Z%])/g, (_found, name: string | undefined, kind) => {
    if (kind === '%') return '%';
    const value =
      name === undefined
        ? values[next++]
        : b.kind === 'dict'
          ? b.entries.find(({ key }) => key === name)?.value
          : undefined;
    const shown =
      kind === 'c' && value?.kind === 'number'
        ? textValue(String.fromCodePoint(Math.min(0x10ffff, Math.max(0, Number(value.value)))))
        : value === undefined
          ? undefined
          : asText(value, NOWHERE);
    if (shown?.kind !== 'text' || shown.open === true) open = true;
    return shown?.kind === 'text' ? shown.text : HOLE;
  });
  return textValue(text, from, a.bytes === true, open);
}

function arithmetic(operator: string, a: number | bigint, b: number | bigint): number | bigint | undefined {
  const [x, y] = [Number(a), Number(b)];
  const safe = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
  const whole = Number.isInteger(x) && Number.isInteger(y);
  switch (operator) {
    case '+':
      return safe(x + y);
    case '-':
      return safe(x - y);
    case '*':
      return safe(x * y);
    case '/':
      return y === 0 ? undefined : safe(x / y);
    case '//':
      return y === 0 ? undefined : safe(Math.floor(x / y));
    case '%':
      return y === 0 ? undefined : safe(((x % y) + y) % y);
    case '**':
      return safe(x ** y);
    case '^':
    case '&':
    case '|':
      if (!whole || !Number.isSafeInteger(x) || !Number.isSafeInteger(y)) return undefined;
      return Number(
        operator === '^' ? BigInt(x) ^ BigInt(y) : operator === '&' ? BigInt(x) & BigInt(y) : BigInt(x) | BigInt(y),
      );
    case '<<':
      return whole && y >= 0 && y < 64 ? safe(x * 2 ** y) : undefined;
    case '>>':
      return whole && y >= 0 && y < 64 ? safe(Math.floor(x / 2 ** y)) : undefined;
    default:
      return undefined;
  }
}

/** `x[1]`, `x[::-1]`. */
export function foldSlice(value: PythonValue, parts: readonly (PythonValue | undefined)[]): PythonValue | undefined {
  const [start, stop, step] = parts.map((part) =>
    part === undefined || part.kind === 'plain' ? undefined : integer(part),
  );
  if (parts.some((part) => part !== undefined && part.kind !== 'plain' && integer(part) === undefined))
    return undefined;
  if (value.kind === 'list') return { ...value, items: [...sliced(value.items, start, stop, step)] };
  const text = whole(value);
  if (text === undefined || value.kind !== 'text') return undefined;
  return textValue(
    sliced(value.bytes === true ? text.split('') : [...text], start, stop, step).join(''),
    value.from,
    value.bytes === true,
  );
}

function sliced<T>(items: readonly T[], start: number | undefined, stop: number | undefined, step = 1): readonly T[] {
  if (step === 1) return items.slice(start ?? 0, stop);
  if (step === 0) return [];
  const { length } = items;
  const clamp = (index: number): number =>
    Math.max(step < 0 ? -1 : 0, Math.min(step < 0 ? length - 1 : length, index < 0 ? index + length : index));
  const from = start === undefined ? (step < 0 ? length - 1 : 0) : clamp(start);
  const to = stop === undefined ? (step < 0 ? -1 : length) : clamp(stop);
  const out: T[] = [];
  for (let at = from; step < 0 ? at > to : at < to; at += step) {
    const item = items[at];
    if (item !== undefined) out.push(item);
  }
  return out;
}

export function foldIndex(value: PythonValue, index: PythonValue): PythonValue | undefined {
  if (value.kind === 'dict') {
    const key = whole(index) ?? (index.kind === 'number' ? String(index.value) : undefined);
    return key === undefined ? undefined : value.entries.findLast((entry) => entry.key === key)?.value;
  }
  const at = integer(index);
  if (at === undefined) return undefined;
  if (value.kind === 'list' && value.open !== true) return value.items.at(at);
  const text = whole(value);
  if (text === undefined || value.kind !== 'text') return undefined;
  if (value.bytes === true) {
    const code = latin1(text).at(at);
    return code === undefined ? undefined : { kind: 'number', value: code, from: value.from };
  }
  const letter = text.at(at);
  return letter === undefined ? undefined : textValue(letter, value.from);
}
