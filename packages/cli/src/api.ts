import type { ApiClient } from '@parley/host';
import { type Context, dataDirectory, type Options } from './command.ts';

/** The running node of the data directory that the options name. Loaded when it is needed: `--help` needs none of it. */
export async function nodeOf(context: Context, options: Options, signal?: AbortSignal): Promise<ApiClient> {
  const { ApiClient } = await import('@parley/host/client');
  return new ApiClient(dataDirectory(options, context.io), signal);
}
