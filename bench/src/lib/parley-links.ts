import {
  type AnyVerb,
  CertificateReader,
  KeyBook,
  type LinkDeps,
  Links,
  linkDefaults,
  linkVerbs,
  Metrics,
  Overlay,
  overlayDefaults,
  overlayVerbs,
  VerbRegistry,
} from '@parley/core';
import { type ParleyPorts, patienceMs } from './parley.ts';

/** Links alone: what a node has below its overlay. */
export function createLinks(
  { identity, ports }: ParleyPorts,
  nodeType: 'client' | 'server',
  verbs: readonly AnyVerb[] = [],
): { links: Links; deps: LinkDeps } {
  const deps: LinkDeps = {
    ports,
    local: { identity, nodeType, relays: true, version: 'bench' },
    keys: new KeyBook(ports.crypto),
    verbs: new VerbRegistry([...linkVerbs, ...overlayVerbs, ...verbs]),
    metrics: new Metrics(),
    certificates: new CertificateReader(ports.crypto),
    admit: () => undefined,
  };
  return { links: new Links(deps, { ...linkDefaults, dialTimeoutMs: patienceMs, openingTimeoutMs: patienceMs }), deps };
}

/** Opens a link and keeps it. */
export async function connectOnly(parley: ParleyPorts, address: string): Promise<void> {
  await createLinks(parley, 'client').links.dial('tls', address);
}

/** Links with the overlay above them, and one verb more. `scale`: of the quotas of origins. */
export async function createOverlay(parley: ParleyPorts, verb: AnyVerb, scale: number): Promise<{ links: Links; overlay: Overlay }> {
  const { links, deps } = createLinks(parley, 'server', [verb]);
  const overlay = new Overlay(
    { ...deps, identity: parley.identity, links, relays: true, concerns: () => false, favoured: () => false },
    { ...overlayDefaults, originRateScale: scale },
  );
  await overlay.start();
  return { links, overlay };
}
