#!/usr/bin/env node
// A committed file: `npm ci` links the command before anything is compiled. Inside a checkout it compiles what is
// missing or out of date first; elsewhere `dist` came with it.
import { existsSync } from 'node:fs';

const command = new URL('../dist/bundle/main.js', import.meta.url);
const prepare = new URL('../../../scripts/lib/prepare.mjs', import.meta.url);

async function main() {
  if (existsSync(prepare)) {
    const { ensureBuilt, ensureDependencies } = await import(prepare.href);
    await ensureDependencies();
    await ensureBuilt(['packages/cli']);
  }
  const { main } = await import(command.href);
  return main(process.argv.slice(2));
}

try {
  process.exitCode = await main();
} catch (error) {
  // Failures of the command itself are reported by it; this is a failure to get that far.
  console.error(error instanceof Error && error.name === 'Stop' ? `\n${error.message}` : error);
  process.exitCode = 1;
}
