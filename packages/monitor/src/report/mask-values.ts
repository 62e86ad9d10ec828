// A report names categories and groups by values from the data, and such a value may be somebody's address. Whoever prints a report,
// in whatever form, masks them first; names of columns stay as they are.
import type { DriftReport } from '../drift/measure.js';
import type { Picture } from '../drift/picture.js';
import type { ColumnReport, Comparison } from '../drift/report.js';

/** @param mask gives what may be shown of a value; two values may look alike then */
export function maskValues(report: DriftReport, mask: (value: string) => string): DriftReport {
  const { comparison, first, split, time } = report;
  const inside = (one: Comparison): Comparison => ({
    ...one,
    columns: one.columns.map((column) => maskColumn(column, mask)),
  });
  return {
    ...report,
    comparison: inside(comparison),
    ...(first === undefined ? {} : { first: inside(first) }),
    ...(split === undefined
      ? {}
      : {
          split: {
            ...split,
            mix: inside(split.mix),
            groups: split.groups.map((group) => ({
              ...group,
              name: mask(group.name),
              ...(group.comparison === undefined ? {} : { comparison: inside(group.comparison) }),
            })),
            patterns: split.patterns.map((pattern) => ({ ...pattern, moved: pattern.moved.map(mask) })),
          },
        }),
    ...(time === undefined
      ? {}
      : {
          time: {
            ...time,
            windows: time.windows.map((window) => ({ ...window, comparison: inside(window.comparison) })),
          },
        }),
  };
}

function maskColumn(column: ColumnReport, mask: (value: string) => string): ColumnReport {
  const { unseen, picture } = column;
  return {
    ...column,
    picture: maskPicture(picture, mask),
    ...(unseen === undefined ? {} : { unseen: { ...unseen, examples: unseen.examples.map(mask) } }),
  };
}

function maskPicture(picture: Picture, mask: (value: string) => string): Picture {
  if (picture.form !== 'levels') return picture;
  return { ...picture, levels: picture.levels.map((level) => ({ ...level, name: mask(level.name) })) };
}
