import type { Comparison } from './compare.ts';

/** Rows of text in aligned columns; all but the first column to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
}

const shown = (value: number | null): string => (value === null ? '-' : value.toLocaleString('en', { maximumSignificantDigits: 4 }));

/** A comparison for people. */
export function table(comparison: Comparison): string {
  const { bench, layout, unit, better, runs, node } = comparison;
  const extra = [...new Set(comparison.subjects.flatMap((subject) => Object.keys(subject.also)))];
  const rows = [
    ['', unit, 'least', 'most', ...extra],
    ...comparison.subjects.map((subject) => [
      `${subject.name} (${subject.standing})`,
      shown(subject.median),
      subject.values.length === 0 ? '-' : shown(Math.min(...subject.values)),
      subject.values.length === 0 ? '-' : shown(Math.max(...subject.values)),
      ...extra.map((name) => shown(subject.also[name] ?? null)),
    ]),
  ];
  const verdict = [
    comparison.ratio === null ? [] : [`ratio ${shown(comparison.ratio)} to ${comparison.peer}`],
    comparison.of_limit === null ? [] : [`${shown(comparison.of_limit)} of the limit (${comparison.limit})`],
    Object.entries(comparison.also).flatMap(([name, each]) => [
      ...(each.ratio === null ? [] : [`ratio ${shown(each.ratio)} in ${name}`]),
      ...(each.of_limit === null ? [] : [`${shown(each.of_limit)} of the limit in ${name}`]),
    ]),
  ].flat();
  const { goal, reached } = comparison;
  if (goal) {
    const least = [`ratio ${goal.ratio}`, ...(goal.of_limit === undefined ? [] : [`${goal.of_limit} of the limit`])].join(' or ');
    verdict.push(`to reach is ${least}: ${reached === null ? 'not to be told from this' : reached ? 'reached' : 'not reached'}`);
  }
  const head = `${bench}, ${layout}: ${unit}, ${better} is better (median of ${runs}, Node ${node})`;
  return [head, ...aligned(rows).map((line) => `  ${line}`), ...verdict.map((line) => `  Parley: ${line}`), ''].join('\n');
}
