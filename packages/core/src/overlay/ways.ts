import { LruMap } from '../util/bounded.ts';
import { type Candidate, type Claim, cost, type RoutingTable } from './routing-table.ts';
import { commonBits, isCloser } from './xor.ts';

/**
 * How a way was found, in the order in which ways are taken (DESIGN section 5 "Directed"): the destination is our neighbour; a server that the
 * destination has signed to be attached to is; ROUTING names a next hop; the message is addressed anew to such a server, which lies further;
 * a server nearer to the destination by id; or, for clients, any server at all.
 */
export type WayKind = 'neighbour' | 'attached' | 'routing' | 'attachment' | 'greedy' | 'gateway';

/** A way to a destination: the next hop, and how far it is from here. */
export interface Way extends Claim {
  readonly kind: WayKind;
  readonly neighbour: string;
  /** The server to which the message is addressed anew, where that is not the next hop itself. */
  readonly through: string | undefined;
  /** Nobody has said how far it is: `hops` follows from how close the ids are. */
  readonly guessed: boolean;
}

/** What is known of a message that needs a way on. */
export interface Passage {
  /** Written at this node. */
  readonly own: boolean;
  /** The neighbour that handed it to us. */
  readonly from: string | undefined;
  /** The nodes that it has passed. */
  readonly via: readonly string[];
  /** Neighbours, and ways by their `wayKey`, that have had it from us. */
  readonly tried: { has(key: string): boolean };
  /** The server to which it was addressed anew before it came here. */
  readonly toward: string | undefined;
}

export interface WaysDeps {
  readonly self: string;
  /** Whether this node is a server; others leave what they cannot place with a server. */
  readonly server: boolean;
  readonly routes: Pick<RoutingTable, 'candidates' | 'hopsTo' | 'direct'>;
  /** Servers that a node has signed to be attached to, best first; none where no record of it is held. */
  readonly attachments: (destination: string) => readonly string[];
  /** A client that was our own neighbour comes back to us: what is for it is not sent to strangers meanwhile. */
  readonly home: (destination: string) => boolean;
  /** Servers to leave a message with when nothing better is known, best first. */
  readonly gateways: () => readonly string[];
}

/** A message that has passed this many nodes goes on only to such as are nearer to its destination: it must not spend its `ttl` on detours. */
const DETOUR_HOPS = 4;
/** Attachment servers of one destination that are tried. */
const MAX_ATTACHMENTS = 4;
/** Ways of which it is remembered how well they did. */
const REMEMBERED = 10_000;

const NOTHING: Passage = { own: true, from: undefined, via: [], tried: new Set(), toward: undefined };

/** What tells ways to one destination apart. */
export function wayKey(way: { readonly neighbour: string; readonly through?: string | undefined }): string {
  return way.through === undefined ? way.neighbour : `${way.neighbour}>${way.through}`;
}

/**
 * All ways from here to a node, ranked: custody, messages without it, and whoever wants to see the paths all ask here. Pure: what it knows
 * of the world it is told.
 *
 * No message runs in circles: a greedy step goes strictly nearer to the one id that the message is addressed to, no step goes to a node that it
 * has passed (`via`), and what comes back all the same finds the way that it took marked as tried.
 */
export class Ways {
  readonly #deps: WaysDeps;
  /** Neighbours that are servers, with how many bits of our id theirs share. */
  readonly #servers = new Map<string, number>();
  /** Of those bits the most. */
  #deepest = 0;
  /** Share of own messages that were receipted, by destination and way, where it goes through a server. */
  readonly #measured = new LruMap<string, number>(REMEMBERED);

  constructor(deps: WaysDeps) {
    this.#deps = deps;
  }

  serverUp(nodeId: string): void {
    this.#servers.set(nodeId, commonBits(this.#deps.self, nodeId));
    this.#deepest = Math.max(0, ...this.#servers.values());
  }

  serverDown(nodeId: string): void {
    if (this.#servers.delete(nodeId)) this.#deepest = Math.max(0, ...this.#servers.values());
  }

  /** One own message that was addressed anew to a server was receipted in time, or was not. */
  receipted(destination: string, way: { readonly neighbour: string; readonly through: string }, inTime: boolean): void {
    const key = destination + wayKey(way);
    const before = this.#measured.get(key) ?? 1;
    this.#measured.set(key, before + ((inTime ? 1 : 0) - before) / 8);
  }

  /** The best way that the message has not taken yet. */
  next(destination: string, passage: Passage): Way | undefined {
    // What most messages take at a server, found without looking at any other way.
    const direct = this.#deps.routes.direct(destination);
    const first = direct && plain('neighbour', direct);
    if (first && isOpen(first, destination, passage)) return first;
    for (const stage of this.#stages(destination, passage)) {
      const claims = stage[0]?.kind === 'routing';
      const way = claims ? this.#route(stage, destination, passage) : stage.find((each) => isOpen(each, destination, passage));
      if (way) return way;
    }
    return undefined;
  }

  /** Whether somebody nearer to the destination, or to a server of it, can take the message. To leave it with any server is no way on. */
  leads(destination: string, passage: Passage): boolean {
    const way = this.next(destination, passage);
    return way !== undefined && way.kind !== 'gateway';
  }

  /** Every way, best first. */
  all(destination: string): Way[] {
    const ways = new Map<string, Way>();
    for (const stage of this.#stages(destination, NOTHING)) {
      for (const way of stage) if (!ways.has(wayKey(way))) ways.set(wayKey(way), way);
    }
    return [...ways.values()];
  }

  *#stages(destination: string, { own, toward }: Passage): Generator<Way[]> {
    const { self, routes } = this.#deps;
    const candidates = routes.candidates(destination);
    const direct = candidates.find((candidate) => candidate.neighbour === destination);
    if (direct) yield [plain('neighbour', direct)];
    const servers = this.#deps
      .attachments(destination)
      .filter((id) => id !== self && id !== destination)
      .slice(0, MAX_ATTACHMENTS);
    const attached = servers.filter((id) => this.#servers.has(id)).map((id) => this.#attached(destination, id));
    // Signed by the destination, and proved by the link: that weighs more than what a neighbour claims (DESIGN section 9).
    if (attached.length > 0) yield attached.sort((a, b) => cost(a) - cost(b));
    const claimed = direct ? candidates.filter((candidate) => candidate !== direct) : candidates;
    if (claimed.length > 0) yield claimed.map((candidate) => plain('routing', candidate));
    if (toward !== undefined && toward !== self && toward !== destination) yield this.#to(destination, toward, own);
    const far = servers.filter((id) => id !== toward && !this.#servers.has(id));
    if (far.length > 0) yield inOrder(far.map((id) => this.#to(destination, id, own)));
    // A client has servers to ask, wherever its own id lies.
    const asks = own && !this.#deps.server;
    if (!asks && !this.#deps.home(destination)) yield this.#nearer(destination, 'greedy', undefined);
    if (!this.#deps.server) yield this.#gateways(undefined);
  }

  /**
   * The best ROUTING candidate that may have it. Others' messages go only to such as are no further from the destination than we are, and back to
   * one that they have passed only if it is nearer (the destination may have moved): else what is for one who is away would wander about
   * the network. Our own may take any way.
   */
  #route(stage: readonly Way[], destination: string, passage: Passage): Way | undefined {
    const { own, via, tried } = passage;
    const ours = this.#deps.routes.hopsTo(destination) ?? 0;
    const sideways = own ? Number.POSITIVE_INFINITY : via.length < DETOUR_HOPS ? 1 : 0;
    return (
      stage.find((way) => way.hops <= ours + sideways && isOpen(way, destination, passage)) ??
      stage.find((way) => way.hops <= ours && !tried.has(way.neighbour))
    );
  }

  /** By a neighbour that is an attachment server of the destination. */
  #attached(destination: string, server: string): Way {
    const way = this.#link(server);
    const measured = this.#measured.get(destination + server) ?? 1;
    return { ...way, kind: 'attached', hops: 2, reliability: way.reliability * measured };
  }

  /** Ways to a server to which the message is addressed anew: by ROUTING, or to neighbours nearer to it by id. */
  #to(destination: string, server: string, own: boolean): Way[] {
    const known = this.#deps.routes.candidates(server);
    const ways =
      known.length > 0
        ? known.map((candidate) => plain('attachment', candidate, candidate.neighbour === server ? undefined : server))
        : this.#nearer(server, 'attachment', server);
    if (ways.length === 0 && own && !this.#deps.server) ways.push(...this.#gateways(server));
    return ways.map((way) => ({
      ...way,
      kind: 'attachment',
      hops: way.hops + 1,
      reliability: way.reliability * (this.#measured.get(destination + wayKey(way)) ?? 1),
    }));
  }

  /**
   * Servers among the neighbours that are strictly nearer to an id than we are. First those that share a bit more of it than we do: so a message
   * takes no more hops than there are bits that tell servers apart.
   */
  #nearer(target: string, kind: WayKind, through: string | undefined): Way[] {
    const { self } = this.#deps;
    const ours = commonBits(self, target);
    const found: { readonly way: Way; readonly gains: boolean }[] = [];
    for (const id of this.#servers.keys()) {
      if (!isCloser(id, self, target)) continue;
      const bits = commonBits(id, target);
      // Of the bits that are left each hop brings two on average.
      const left = id === target ? 0 : Math.max(0, this.#deepest + 1 - bits);
      const way = { ...this.#link(id), kind, through: id === through ? undefined : through, hops: 1 + Math.ceil(left / 2), guessed: true };
      found.push({ way, gains: bits > ours });
    }
    found.sort(
      (a, b) =>
        Number(b.gains) - Number(a.gains) || cost(a.way) - cost(b.way) || (isCloser(a.way.neighbour, b.way.neighbour, target) ? -1 : 1),
    );
    return found.map(({ way }) => way);
  }

  #gateways(through: string | undefined): Way[] {
    return this.#deps.gateways().map((id) => {
      const bits = this.#servers.size > 1 ? this.#deepest : 0;
      return {
        ...this.#link(id),
        kind: 'gateway',
        through: id === through ? undefined : through,
        hops: 2 + Math.ceil(bits / 2),
        guessed: true,
      };
    });
  }

  #link(neighbour: string): Way {
    const claim = this.#deps.routes.direct(neighbour) ?? { hops: 1, latencyMs: 0, reliability: 1 };
    return { kind: 'greedy', neighbour, through: undefined, guessed: false, ...claim };
  }
}

/** Whether a way has not been taken, and does not lead back. The destination itself may have moved, and have passed it on before. */
function isOpen({ neighbour, through }: Way, destination: string, { from, via, tried }: Passage): boolean {
  if (tried.has(neighbour)) return false;
  if (neighbour === destination) return true;
  if (neighbour === from || via.includes(neighbour)) return false;
  return through === undefined || (!via.includes(through) && !tried.has(wayKey({ neighbour, through })));
}

function plain(kind: WayKind, { neighbour, hops, latencyMs, reliability }: Candidate, through?: string): Way {
  return { kind, neighbour, through, hops, latencyMs, reliability, guessed: false };
}

/** Ways to several servers, which the destination has named in an order that weighs a hop each. */
function inOrder(ways: readonly (readonly Way[])[]): Way[] {
  const ranked = ways.flatMap((each, place) => each.map((way) => ({ way, weight: cost(way) + place })));
  return ranked.sort((a, b) => a.weight - b.weight).map(({ way }) => way);
}
