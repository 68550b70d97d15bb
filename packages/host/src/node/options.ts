import type { Log, Transport } from '@parley/core';

/** Where a server listens for links when nothing else is said: on every address of the machine. */
export const DEFAULT_SERVER_TLS = '0.0.0.0:4717';
/** Where a client listens for links of the local network when nothing else is said. */
export const DEFAULT_LAN_TLS = '0.0.0.0:0';
/** Where a server serves the web app, `/healthz` and `/metrics` when nothing else is said: to this machine alone. */
export const DEFAULT_SERVER_HTTP = '127.0.0.1:4718';

export interface HostNodeOptions {
  /** The data directory, made when it is not there. */
  readonly data: string;
  readonly nodeType: 'client' | 'server';
  /**
   * The name others see. A new identity without one is named after the user (a client) or the machine (a server). With an identity that
   * has another name already, it is renamed; not where an authority issued the certificate (`refused`).
   */
  readonly name?: string | undefined;
  /** Of the identity: required where it rests under one, and taken for a new identity. */
  readonly passphrase?: string | undefined;
  /**
   * `HOST:PORT` to listen on for links; port 0 takes a free one. Default: a server at `DEFAULT_SERVER_TLS`, a client at `DEFAULT_LAN_TLS`
   * while it is to be found on the local network, and else nowhere.
   */
  readonly tls?: string | undefined;
  /**
   * `HOST:PORT` for UDP; false for none. Default: a server at the address that it bound for links, or nowhere when that port is taken; a
   * client nowhere.
   */
  readonly udp?: string | false | undefined;
  /**
   * Whether nodes of the local network find this one, and it them. Default: true. A node that listens for links on loopback alone keeps to
   * itself in any case.
   */
  readonly lan?: boolean | undefined;
  /**
   * Endpoints under which others reach this node, `tls:HOST:PORT`, `udp:HOST:PORT` or `wss:HOST`: each in place of what is bound for its
   * scheme. Default: what is bound, and the `httpProxies`.
   */
  readonly advertise?: readonly string[] | undefined;
  /** Publishes no record: nobody finds this node by its key (DESIGN section 3). Default: it is listed. */
  readonly unlisted?: boolean | undefined;
  /**
   * `HOST:PORT` for the web app, links over WebSockets, `/healthz` and `/metrics`; false for none. Default: a server at
   * `DEFAULT_SERVER_HTTP`, or a free port when that one is taken; a client nowhere.
   */
  readonly http?: string | false | undefined;
  /** PEM files: a certificate with its chain, and its key. Then `http` is HTTPS. Read at the start, and at `renewCertificate`. */
  readonly httpCert?: string | undefined;
  readonly httpKey?: string | undefined;
  /**
   * Origins (`https://chat.example.org`) under which a proxy that ends TLS passes requests on to `http`. What it says of clients
   * (`X-Forwarded-For`, `X-Forwarded-Proto`) is believed: nobody else may reach `http` under such a name.
   */
  readonly httpProxies?: readonly string[] | undefined;
  /** Origins of pages elsewhere that may open links here; `*` for all. Those of this server may, and on loopback those of this machine. */
  readonly httpOrigins?: readonly string[] | undefined;
  /** Folder of the built web app. Default: that of `packages/web`. */
  readonly app?: string | undefined;
  /** `HOST:PORT`, `ws://…` or `wss://…`: addresses to keep links to. Those that answered once are remembered: without any the node goes back to whom it knew. */
  readonly connect?: readonly string[] | undefined;
  /**
   * Trust mode `ca`: PEM files with the certificates of the authorities whose nodes alone may have links. Beside these counts
   * `authorities.pem` of the data directory, where it is there.
   */
  readonly authorities?: readonly string[] | undefined;
  /** What is put between each transport and the node, to look at what goes over links or to disturb it. Default: nothing. */
  readonly tap?: ((transport: Transport) => Transport) | undefined;
  /** Default: nothing is logged. */
  readonly log?: Log | undefined;
  /** Called once everything answers. */
  readonly onReady?: ((ready: ReadyEvent) => void) | undefined;
}

/** What a node says once it is ready. */
export interface ReadyEvent {
  readonly event: 'ready';
  readonly node_id: string;
  /** Key id. */
  readonly key: string;
  /** `HOST:PORT` that was bound; left out by a node that does not listen. */
  readonly tls?: string;
  /** `http://HOST:PORT` or `https://HOST:PORT`; left out by a node without it. */
  readonly http?: string;
}
