import { simulateCompact } from './compact/experiments.ts';
import { writeDocument } from './document.ts';
import { parseArguments, usage } from './lib/arguments.ts';
import { compactText, wholeText } from './lib/text.ts';
import { simulateWhole } from './whole/experiments.ts';

async function main(): Promise<void> {
  const { nodes, seed, lookups, json, whole, trouble, document, only } = parseArguments(process.argv.slice(2));
  const began = performance.now();
  const progress = (line: string): void => {
    const { user, system } = process.cpuUsage();
    const seconds = [performance.now() - began, (user + system) / 1000].map((ms) => (ms / 1000).toFixed(0).padStart(5));
    process.stderr.write(`${seconds[0]} s (${seconds[1]} s of a processor)  ${line}\n`);
  };
  if (document) {
    writeDocument(progress, only);
    return;
  }
  const report = whole ? await simulateWhole(nodes, seed, lookups, trouble, progress) : simulateCompact(nodes, seed, lookups);
  const text = (): string => (report.mode === 'whole' ? wholeText(report) : compactText(report));
  process.stdout.write(json ? `${JSON.stringify(report)}\n` : text());
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
}
