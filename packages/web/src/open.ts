import { openParley, type Parley } from '@parley/browser';

/** The node of this browser, with the server that the page came from as its first. */
export async function open(): Promise<Parley> {
  return await openParley({ location });
}
