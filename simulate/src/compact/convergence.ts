import { ContactBook, ContactTable, idInBucket, type RegistryConfig, registryDefaults, type UdpContact } from '@parley/core';
import { createCrypto } from '@parley/host';
import { SeededRandom, VirtualClock } from '@parley/sim';

const TABLES = 20;
const LEFT = 0.2;
const CONVERGED = 0.01;
const MAX_MS = 3 * 60 * 60_000;
const MINUTE = 60_000;

/**
 * Minutes until at most 1 % of the entries of tables are of the fifth that left at once, by the tables that servers have: each entry was heard of at
 * some time within `contactSilentMs`; at every maintenance the most silent are asked, and whoever does not answer twice is given up. Nothing is
 * looked up meanwhile, and nobody takes the places of those who left. `buckets`: sizes, the shallowest first.
 */
export function minutesToConverge(buckets: readonly number[], seed: string, config: RegistryConfig = registryDefaults): number {
  const random = new SeededRandom(`${seed}/convergence`);
  const book = new ContactBook(createCrypto(), new VirtualClock());
  const gone = new Set<UdpContact>();
  const tables = Array.from({ length: TABLES }, (_, number) => {
    const self = random.bytes(16);
    const table = new ContactTable(self, config);
    const entries = buckets.flatMap((size, bits) => Array.from({ length: size }, (_unused, i) => ({ bits, i })));
    // Oldest first, as they would have come in.
    const heard = entries.map(() => random.number() * config.contactSilentMs).sort((a, b) => a - b);
    for (const [i, entry] of random.shuffle(entries).entries()) {
      const contact = contactIn(book, random, self, entry.bits, number * entries.length + i);
      table.proved(contact, heard[i] as number);
      if (random.chance(LEFT)) gone.add(contact);
    }
    return table;
  });
  for (let now = config.contactSilentMs; now < config.contactSilentMs + MAX_MS; now += config.maintenanceMs) {
    let [entries, stale] = [0, 0];
    for (const table of tables) {
      for (const contact of table.quiet(now, config.pingsATick)) {
        if (gone.has(contact)) table.silent(contact);
        else table.proved(contact, now);
      }
      const all = table.all();
      entries += all.length;
      stale += all.filter((contact) => gone.has(contact)).length;
    }
    if (stale <= CONVERGED * entries) return (now - config.contactSilentMs) / MINUTE;
  }
  return Number.POSITIVE_INFINITY;
}

/** A contact with an id in this bucket of `self`, and a network of its own. */
function contactIn(book: ContactBook, random: SeededRandom, self: Uint8Array, bits: number, number: number): UdpContact {
  const address = book.address(`10.${number >> 8}.${number & 255}.1:4000`);
  if (!address) throw new RangeError('an address that is none');
  const contact = book.of(random.bytes(32), address);
  return { ...contact, id: idInBucket(self, bits, random.bytes(16)) };
}
