/** Opens `links` links, at most `atOnce` of them at the same time. */
export async function openAll(links: number, atOnce: number, open: () => Promise<void>): Promise<void> {
  let left = links;
  const openOneByOne = async (): Promise<void> => {
    while (left > 0) {
      left--;
      await open();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, openOneByOne));
}
