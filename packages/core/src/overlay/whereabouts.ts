/** What a node has signed of where it is: as much of its record as forwarding goes by. */
export interface Whereabouts {
  readonly nodeId: string;
  readonly keyId: string;
  readonly nodeType: 'server' | 'client';
  /** `tls:HOST:PORT` and the like. */
  readonly endpoints: readonly string[];
  /** Servers that it is attached to, best first. */
  readonly attachments: readonly { readonly nodeId: string; readonly keyId: string; readonly endpoints: readonly string[] }[];
  /** Counts its records: the highest is the latest. */
  readonly seq: number;
  /** When it was signed, and until when it holds, in milliseconds since 1970. */
  readonly time: number;
  readonly expires: number;
}

/** Where records come from. */
export interface Records {
  /** The record of a node that is held here and has not expired. */
  get(nodeId: string): Whereabouts | undefined;
  /** Looks a key id or node id up in the network; `fresh`: even where it was looked up a moment ago; `first`: the first record that is found will do. */
  find(
    target: string,
    options: { readonly signal?: AbortSignal | undefined; readonly fresh?: boolean; readonly first?: boolean },
  ): Promise<Whereabouts | undefined>;
  /** Servers that are known, to choose neighbours from. */
  contacts(): readonly { readonly nodeId: string; readonly endpoints?: readonly string[] }[];
}
