/** What a node has signed of where it is: as much of its record as forwarding goes by. */
export interface Whereabouts {
  readonly nodeType: 'server' | 'client';
  /** `tls:HOST:PORT` and the like. */
  readonly endpoints: readonly string[];
  /** Servers that it is attached to, best first. */
  readonly attachments: readonly { readonly nodeId: string }[];
  /** When it was signed, in milliseconds since 1970. */
  readonly time: number;
}
