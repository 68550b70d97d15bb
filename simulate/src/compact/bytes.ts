import { FIND_PACKET, writeAnswer, writeQuestion } from '@parley/core';

/** Of a server with an address for links and one for UDP. */
const RECORD = new Uint8Array(300);
/** A key with an IPv4 address and a port. */
const CONTACT = new Uint8Array(39);
const MAX_PACKET = 1200;
const head = { transaction: new Uint8Array(8), token: new Uint8Array(16) };

function question(met: boolean): number {
  const common = { transaction: head.transaction, key: new Uint8Array(32), session: new Uint8Array(32), wantsSignature: !met };
  const body = { kind: FIND_PACKET, target: new Uint8Array(16), nodesOnly: false } as const;
  return writeQuestion({ ...common, token: met ? head.token : undefined, body }).length;
}

const QUESTION = { met: question(true), stranger: question(false) };
const known = new Map<string, number>();

/** Of one FIND. `met`: whether both have spoken to each other within the last minutes; a stranger's question is as long as the longest answer. */
export function questionBytes(met: boolean): number {
  return met ? QUESTION.met : QUESTION.stranger;
}

/** Of its answer: an authenticator for those that have met, a signature for strangers. */
export function answerBytes(met: boolean, contacts: number, found: boolean): number {
  const name = `${met} ${contacts} ${found}`;
  const before = known.get(name);
  if (before !== undefined) return before;
  const signer = met ? undefined : { key: new Uint8Array(32), session: new Uint8Array(32) };
  const body = { kind: FIND_PACKET, record: found ? RECORD : undefined, contacts: new Array<Uint8Array>(contacts).fill(CONTACT) } as const;
  const { length } = writeAnswer({ ...head, signer }, body, MAX_PACKET).packet;
  known.set(name, length);
  return length;
}
