/** Closes one after the other. What one throws is thrown in the end, the first of it: it keeps none of the others open. */
export async function closeInTurn(parts: readonly { close(): void | Promise<void> }[]): Promise<void> {
  const errors: unknown[] = [];
  for (const part of parts) {
    try {
      await part.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}
