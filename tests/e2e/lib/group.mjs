// What was put together for the command starts in half the time of its modules.
const compiled = new URL('../../../packages/cli/dist/bundle/host.js', import.meta.url).href;
const { startHostNode } = /** @type {typeof import('@parley/host')} */ (await import(compiled));

/**
 * Nodes that share one process, as many people's would not: so a machine of two cores holds hundreds of them. The parent asks by IPC,
 * `{ id, call, args }`, and gets `{ id, result }` or `{ id, error }`.
 *
 * @typedef {{ nodeId: string, key: string, tls: string | undefined }} Started
 */

/** Starts, and lookups of one node, under way at once. */
const AT_ONCE = 16;

/** @type {import('@parley/host').HostNode[]} */
const hosts = [];
/** What each node showed of others' messages, as often as it did. @type {string[][]} */
const shown = [];

/**
 * @template T, R
 * @param {readonly T[]} items
 * @param {(item: T) => Promise<R>} work
 * @returns {Promise<R[]>}
 */
async function each(items, work) {
  /** @type {R[]} */
  const results = [];
  let next = 0;
  const row = async () => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(/** @type {T} */ (items[i]));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, row));
  return results;
}

/** @param {number} at */
function hostAt(at) {
  const host = hosts[at];
  if (!host) throw new RangeError(`no node ${at}`);
  return host;
}

/** What the parent may ask. */
const calls = {
  /**
   * @param {import('@parley/host').HostNodeOptions[]} wanted
   * @returns {Promise<Started[]>}
   */
  async start(wanted) {
    const started = await each(wanted, (options) => startHostNode({ http: false, lan: false, ...options }));
    for (const host of started) {
      hosts.push(host);
      /** @type {string[]} */
      const texts = [];
      shown.push(texts);
      host.node.channels.events.on('message', ({ message, own }) => {
        if (!own) texts.push(message.text);
      });
    }
    return started.map(({ ready }) => ({ nodeId: ready.node_id, key: ready.key, tls: ready.tls }));
  },

  /** Of each node: the servers that its own record names. */
  async places() {
    return hosts.map(({ node }) => node.registry.get(node.identity.nodeId)?.attachments.length ?? 0);
  },

  /** Of each node: the servers in its table of the registry. */
  async contacts() {
    return hosts.map(({ node }) => node.registry.contacts().length);
  },

  /**
   * Each key as a node finds it now, asked of the network.
   * @param {number} at
   * @param {string[]} keys
   */
  async find(at, keys) {
    const { registry } = hostAt(at).node;
    return await each(keys, async (key) => {
      // A node that looks for so many at once already is asked again, as it is for what it did not find.
      const record = await registry.find(key, { fresh: true }).catch((error) => {
        if (error.code !== 'quota') throw error;
        return undefined;
      });
      return record && { nodeId: record.nodeId, attachments: record.attachments.map(({ nodeId }) => nodeId) };
    });
  },

  /**
   * The ways from a node to each key, in the order in which they are tried.
   * @param {number} at
   * @param {string[]} keys
   */
  async ways(at, keys) {
    const { node } = hostAt(at);
    return keys.map((key) => node.paths(key).map(({ kind, next, through, chosen }) => ({ kind, next, through, chosen })));
  },

  /** @param {number} at @param {string} channel */
  async create(at, channel) {
    return (await hostAt(at).node.channels.create(channel)).id;
  },

  /** Joins a channel as soon as the node hears of it. @param {number} at @param {string} id */
  async join(at, id) {
    const { channels } = hostAt(at).node;
    if (!channels.list().some((channel) => channel.id === id)) {
      await new Promise((resolve) => {
        const stop = channels.events.on('channel', ({ channelId }) => {
          if (channelId !== id) return;
          stop();
          resolve(undefined);
        });
      });
    }
    await channels.join(id);
  },

  /** Of each channel that a node has joined: its members that the node can send to, itself among them. */
  async members() {
    return hosts.flatMap(({ node: { channels, overlay, identity } }) => {
      const canReach = (/** @type {string} */ nodeId) => nodeId === identity.nodeId || overlay.reaches(nodeId);
      return channels.list().flatMap(({ id, joined }) => (joined ? channels.members(id).filter(canReach).length : []));
    });
  },

  /** Resolves once the message is on the sender's disk. @param {number} at @param {string} id @param {string} text */
  async send(at, id, text) {
    await hostAt(at).node.channels.send(id, text);
  },

  /** How many messages of others each node showed; none for those that showed none. */
  async counts() {
    return shown.flatMap(({ length }) => (length > 0 ? length : []));
  },

  /** @param {number} at */
  async texts(at) {
    return shown[at] ?? [];
  },
};

/** @typedef {typeof calls} Calls */

process.on('message', async (/** @type {{ id: number, call: keyof Calls, args: never[] }} */ { id, call, args }) => {
  try {
    const work = /** @type {(...args: never[]) => Promise<unknown>} */ (calls[call]);
    const result = await work(...args);
    process.send?.({ id, result });
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
  }
});
// Without its parent nobody would end it.
process.on('disconnect', () => process.exit());
