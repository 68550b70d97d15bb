import type { CompactReport, Row } from '../compact/experiments.ts';
import type { WholeReport } from '../whole/experiments.ts';

export const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/** A whole number for people. */
export const thousands = (value: number): string => Math.round(value).toLocaleString('en');

export const HEADINGS = ['', 'found', 'with attachments', 'hops', 'questions', '95 % within', 'bytes'] as const;

export function cells({ what, success, withAttachments, meanHops, meanQuestions, p95Questions, meanBytes }: Row): string[] {
  return [
    what,
    percent(success),
    percent(withAttachments),
    meanHops.toFixed(2),
    meanQuestions.toFixed(1),
    String(p95Questions),
    thousands(meanBytes),
  ];
}

/** A report for people. */
export function compactText(report: CompactReport): string {
  const rows = [[...HEADINGS], ...report.rows.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  );
  return [
    `${report.nodes.toLocaleString('en')} servers, decisions over compact tables, seed ${report.seed}`,
    ...lines,
    `greedy: ${report.greedyHops.toFixed(2)} hops; contacts in a table: ${report.contacts.toFixed(0)}; tables without a fifth that left after ${report.minutesToConverge.toFixed(1)} minutes; ${(report.wallMs / 1000).toFixed(1)} s, ${Math.round(report.heapBytes / 2 ** 20)} MiB`,
    '',
  ].join('\n');
}

export function wholeText(report: WholeReport): string {
  return [
    `${report.nodes.toLocaleString('en')} whole servers, seed ${report.seed}`,
    `found ${percent(report.success)} of ${report.lookups}: ${report.meanHops.toFixed(2)} hops, ${report.meanQuestions.toFixed(1)} questions, ${report.meanPackets.toFixed(1)} packets, ${Math.round(report.meanBytes).toLocaleString('en')} bytes a lookup`,
    `a server: ${report.contacts.toFixed(0)} contacts, ${report.records.toFixed(0)} records, ${report.idlePackets.toFixed(1)} packets a second while nothing is looked up`,
    `20 % have left at once: found ${percent(report.successAfterLoss)} with ${report.questionsAfterLoss.toFixed(1)} questions${report.minutesToConverge === undefined ? '' : `; tables without them after ${report.minutesToConverge} minutes`}`,
    ...(report.trouble ?? []).map(
      ({ what, success, meanHops, meanQuestions, p95Questions, meanBytes }) =>
        `${what}: found ${percent(success)}, ${meanHops.toFixed(2)} hops, ${meanQuestions.toFixed(1)} questions (95 % within ${p95Questions}), ${thousands(meanBytes)} bytes`,
    ),
    `${(report.wallMs / 1000).toFixed(1)} s (${(report.cpuMs / 1000).toFixed(0)} s of a processor), ${Math.round(report.heapBytes / 2 ** 20)} MiB`,
    '',
  ].join('\n');
}
