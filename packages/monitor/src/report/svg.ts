// Small pictures as inline SVG, without scripts. The reference is always the filled shape and the current the line, so that no
// picture needs its colours to be told apart; every picture has its content as text beside it.
import type { LevelPicture, NumberPicture } from '../drift/picture.js';
import { escapeName } from './escape.js';
import { number, percent } from './figures.js';

const WIDE = 340;
const HIGH = 120;
const ROW = 20;
const NAMES = 120;

const at = (value: number): string => String(Math.round(value * 10) / 10);

function picture(title: string, width: number, height: number, content: string): string {
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" width="${width}" height="${height}">${content}</svg>`;
}

/** Distributions on top of each other: the reference filled, the current as a line. */
export function histogram({ edges, reference, current }: NumberPicture, label: (value: number) => string): string {
  const top = Math.max(1e-12, ...reference, ...current);
  const step = WIDE / reference.length;
  const y = (share: number): number => HIGH - 18 - (share / top) * (HIGH - 28);
  const bars = reference
    .map((share, bin) => {
      const from = y(share);
      return `<rect class="reference" x="${at(bin * step)}" y="${at(from)}" width="${at(step)}" height="${at(HIGH - 18 - from)}"/>`;
    })
    .join('');
  const line = current
    .map((share, bin) => `${bin === 0 ? 'M' : 'L'}${at(bin * step)} ${at(y(share))}H${at((bin + 1) * step)}`)
    .join('');
  const ends = `<text x="0" y="${HIGH - 4}">${escapeName(label(edges[0] as number))}</text><text x="${WIDE}" y="${HIGH - 4}" text-anchor="end">${escapeName(label(edges[edges.length - 1] as number))}</text>`;
  const base = `<line class="axis" x1="0" x2="${WIDE}" y1="${HIGH - 18}" y2="${HIGH - 18}"/>`;
  return picture(
    'distribution of reference and current',
    WIDE,
    HIGH,
    `${bars}${base}<path class="current" d="${line}"/>${ends}`,
  );
}

/** Shares by category: the reference as a bar, the current as a framed bar below it. */
export function levelBars({ levels, others }: LevelPicture): string {
  const shown = [
    ...levels.map((level) => ({ ...level, name: level.name === '' ? '(empty)' : level.name })),
    ...(others.categories > 0 ? [{ name: `${others.categories} others`, ...others }] : []),
  ];
  const top = Math.max(1e-12, ...shown.flatMap(({ reference, current }) => [reference, current]));
  const scale = (WIDE - NAMES - 90) / top;
  const content = shown.map(({ name, reference, current }, row) => {
    const y = row * ROW;
    return (
      `<text x="${NAMES - 6}" y="${y + 14}" text-anchor="end">${escapeName(name, 18)}</text>` +
      `<rect class="reference" x="${NAMES}" y="${y + 2}" width="${at(reference * scale)}" height="7"/>` +
      `<rect class="framed" x="${NAMES}" y="${y + 10.5}" width="${at(current * scale)}" height="6"/>` +
      `<text x="${WIDE}" y="${y + 14}" text-anchor="end">${percent(reference)} → ${percent(current)}</text>`
    );
  });
  return picture('shares by category', WIDE, Math.max(ROW, shown.length * ROW), content.join(''));
}

export interface Mark {
  readonly name: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly drift: boolean;
}

/** One interval a row around a line at zero; a filled mark is drift. */
export function forest(marks: readonly Mark[]): string {
  const width = WIDE * 2;
  const far = Math.max(1e-9, ...marks.flatMap(({ low, high }) => [Math.abs(low), Math.abs(high)]));
  const x = (value: number): number => NAMES + (width - NAMES - 10) * (0.5 + (0.48 * value) / far);
  const content = marks.map((mark, row) => {
    const y = row * ROW + 11;
    return (
      `<text x="${NAMES - 6}" y="${y + 4}" text-anchor="end">${escapeName(mark.name, 18)}</text>` +
      `<line class="interval" x1="${at(x(mark.low))}" x2="${at(x(mark.high))}" y1="${y}" y2="${y}"/>${dot(x(mark.value), y, mark.drift)}`
    );
  });
  const height = marks.length * ROW + 18;
  const axis = `<line class="axis" x1="${at(x(0))}" x2="${at(x(0))}" y1="0" y2="${height - 16}"/>`;
  const ends = [
    ['start', NAMES, -far],
    ['middle', x(0), 0],
    ['end', width - 2, far],
  ].map(
    ([anchor, place, value]) =>
      `<text x="${at(place as number)}" y="${height - 3}" text-anchor="${anchor}">${number(value as number)} sd</text>`,
  );
  return picture('shift of each group with its interval', width, height, `${axis}${content.join('')}${ends.join('')}`);
}

/** Values over time with their intervals; a filled mark is drift. */
export function series(marks: readonly Mark[], unit: string): string {
  const width = WIDE * 2;
  const height = 150;
  const left = 62;
  const highest = Math.max(1e-9, ...marks.map(({ high }) => high));
  const lowest = Math.min(0, ...marks.map(({ low }) => low));
  const y = (value: number): number => 10 + ((highest - value) / (highest - lowest)) * (height - 40);
  const step = (width - left - 12) / Math.max(1, marks.length - 1);
  const x = (place: number): number => (marks.length === 1 ? (left + width) / 2 : left + 6 + place * step);
  const line = marks.map(({ value }, place) => `${place === 0 ? 'M' : 'L'}${at(x(place))} ${at(y(value))}`).join('');
  const content = marks.map(
    ({ value, low, high, drift }, place) =>
      `<line class="interval" x1="${at(x(place))}" x2="${at(x(place))}" y1="${at(y(low))}" y2="${at(y(high))}"/>${dot(x(place), y(value), drift)}`,
  );
  const ticks = [lowest, 0, highest]
    .filter((value, place, all) => all.indexOf(value) === place)
    .map((value) => `<text x="${left - 6}" y="${at(y(value) + 4)}" text-anchor="end">${number(value)}${unit}</text>`);
  const axis = `<line class="axis" x1="${left}" x2="${width}" y1="${at(y(0))}" y2="${at(y(0))}"/>`;
  const first = marks[0]?.name ?? '';
  const last = marks[marks.length - 1]?.name ?? '';
  const ends = `<text x="${left}" y="${height - 4}">${escapeName(first)}</text><text x="${width - 4}" y="${height - 4}" text-anchor="end">${escapeName(last)}</text>`;
  return picture(
    'change over time',
    width,
    height,
    `${axis}<path class="thin" d="${line}"/>${content.join('')}${ticks.join('')}${ends}`,
  );
}

function dot(x: number, y: number, drift: boolean): string {
  return drift
    ? `<rect class="mark" x="${at(x - 5)}" y="${at(y - 5)}" width="10" height="10" transform="rotate(45 ${at(x)} ${at(y)})"/>`
    : `<circle class="dot" cx="${at(x)}" cy="${at(y)}" r="3.5"/>`;
}
