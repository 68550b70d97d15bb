import { readFile } from 'node:fs/promises';
import { Failure, failureOf } from './failure.ts';

/** The text of a file that the user named. `what`: what it is to hold. Errors: `not-found`, `storage`. */
export async function readText(file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const failure = failureOf(error);
    if (!failure) throw error;
    const missing = failure.code === 'not-found';
    throw new Failure(
      failure.code,
      `${file}, which is to hold ${what}, ${missing ? 'is not there' : `cannot be read (${(error as NodeJS.ErrnoException).code})`}`,
    );
  }
}
