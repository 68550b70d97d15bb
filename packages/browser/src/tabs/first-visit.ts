/** Whether nobody can be at home here, as far as it can be seen without making a database. */
export async function isNew(name: string): Promise<boolean> {
  try {
    return !(await indexedDB.databases()).some((database) => database.name === name);
  } catch {
    // A browser that does not tell, or does not let the page keep anything: opening it will say more.
    return false;
  }
}
