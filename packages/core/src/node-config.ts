import type { CertificateConfig } from './features/certificates/index.ts';
import type { ChannelConfig } from './features/channels/index.ts';
import type { CircuitConfig } from './features/circuits/index.ts';
import type { ConnectConfig } from './features/connect/index.ts';
import type { ContactConfig } from './features/contacts/index.ts';
import type { DeviceConfig } from './features/devices/index.ts';
import type { DirectConfig } from './features/direct/index.ts';
import type { DiscoveryConfig } from './features/discovery/index.ts';
import type { FileConfig } from './features/files/index.ts';
import type { NeighbourConfig } from './features/neighbours/index.ts';
import type { PresenceConfig } from './features/presence/index.ts';
import type { RegistryConfig } from './features/registry/index.ts';
import type { RejoinConfig } from './features/rejoin/index.ts';
import type { StunConfig } from './features/stun/index.ts';
import type { AuthorityCertificate, Identity } from './identity/index.ts';
import type { LinkConfig } from './link/index.ts';
import type { OverlayConfig, Records } from './overlay/index.ts';
import type { Successor } from './succession.ts';

export interface NodeConfig {
  readonly identity: Identity;
  readonly nodeType: 'client' | 'server';
  /** Whether it passes on others' messages: servers and command-line nodes do. Default true. */
  readonly relays?: boolean;
  /** Trust mode `ca`: only nodes whose certificate one of these issued. Without: any node that proves its key. */
  readonly authorities?: readonly AuthorityCertificate[];
  /** Endpoints (`tls:203.0.113.5:4717`, `wss:example.org`) that others are told in place of what is bound for their scheme. */
  readonly advertise?: readonly string[];
  /** Where the next identity rests, if the user's key may be replaced. */
  readonly successor?: Successor;
  readonly link?: Partial<LinkConfig>;
  readonly overlay?: Partial<OverlayConfig>;
  readonly channels?: Partial<ChannelConfig>;
  readonly certificates?: Partial<CertificateConfig>;
  readonly contacts?: Partial<ContactConfig>;
  readonly devices?: Partial<DeviceConfig>;
  readonly direct?: Partial<DirectConfig>;
  readonly presence?: Partial<PresenceConfig>;
  readonly neighbours?: Partial<NeighbourConfig>;
  /** Where records of others come from, in place of the registry. */
  readonly records?: Records;
  readonly stun?: Partial<StunConfig>;
  readonly discovery?: Partial<DiscoveryConfig>;
  readonly rejoin?: Partial<RejoinConfig>;
  readonly registry?: Partial<RegistryConfig>;
  readonly files?: Partial<FileConfig>;
  readonly circuits?: Partial<CircuitConfig>;
  readonly connect?: Partial<ConnectConfig>;
}
