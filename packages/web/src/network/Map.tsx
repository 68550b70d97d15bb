import type { TabEvent } from '@parley/browser';
import cytoscape, { type Core, type ElementDefinition, type StylesheetJson } from 'cytoscape';
import { type ReactNode, useEffect, useRef } from 'react';
import { useApp } from '../app/hooks.ts';
import { showDialog } from '../state/actions.ts';
import { type Graph, placesOf } from './graph.ts';

/** Moving dots at once; beyond, the traffic is shown by those that move already. */
const MAX_PULSES = 24;
const PULSE_MS = 700;
const MAX_FIT = 1.4;
/** Names grow against the zoom down to this, so that they keep 10 of their 12 pixels; below, there are too many to read them. */
const LEGIBLE_ZOOM = 0.45;
const LETTER_PX = 10;

/** The network as a picture. Those who cannot see it have the list beside it. */
export function NetworkMap({ graph, focus }: { graph: Graph; focus: readonly string[] }): ReactNode {
  const context = useApp();
  const box = useRef<HTMLDivElement>(null);
  const core = useRef<Core>(undefined);

  useEffect(() => {
    if (!box.current) return;
    const cy = cytoscape({
      container: box.current,
      style: sheet(1),
      minZoom: 0.2,
      maxZoom: 2.5,
      autoungrabify: false,
      boxSelectionEnabled: false,
    });
    core.current = cy;
    cy.on('tap', 'node', (event) => {
      const id: unknown = event.target.data('node');
      if (typeof id === 'string') showDialog(context, { kind: 'person', nodeId: id });
    });
    const restyle = (): void => {
      cy.style(sheet(cy.zoom()));
    };
    const media = matchMedia('(prefers-color-scheme: dark)');
    media.addEventListener('change', restyle);
    const observer = new ResizeObserver(() => {
      cy.resize();
      showAll(cy);
    });
    observer.observe(box.current);
    const end = pulses(context.parley.node, cy);
    return () => {
      end();
      media.removeEventListener('change', restyle);
      observer.disconnect();
      cy.destroy();
      core.current = undefined;
    };
  }, [context]);

  useEffect(() => {
    const cy = core.current;
    if (!cy) return;
    if (!apply(cy, graph)) return;
    const places = placesOf(graph);
    cy.nodes('[node]').positions((node) => places.get(String(node.data('node'))) ?? { x: 0, y: 0 });
    showAll(cy);
  }, [graph]);

  useEffect(() => {
    const cy = core.current;
    if (!cy || focus.length === 0) return;
    cy.fit(cy.collection().union(cy.nodes().filter((node) => focus.includes(String(node.data('node'))))), 80);
  }, [focus]);

  return <div ref={box} className="map" aria-hidden="true" />;
}

/** All of it in view, and no larger than it needs to be; names are still to be read where there is little room. */
function showAll(cy: Core): void {
  cy.fit(undefined, Math.min(64, cy.width() / 8));
  if (cy.zoom() > MAX_FIT) {
    cy.zoom(MAX_FIT);
    cy.center();
  }
  cy.style(sheet(cy.zoom()));
}

/** Brings what is drawn up to what is known. Resolves with whether something came or went. */
function apply(cy: Core, { nodes, edges }: Graph): boolean {
  const wanted: ElementDefinition[] = [
    ...nodes.map(({ id, label, hops, kind }) => ({
      group: 'nodes' as const,
      data: { id: `n ${id}`, node: id, label, hops },
      classes: kind,
    })),
    ...edges.map(({ id, from, to, link, latencyMs, way }) => ({
      group: 'edges' as const,
      data: {
        id: `e ${id}`,
        source: `n ${from}`,
        target: `n ${to}`,
        label: latencyMs === undefined ? '' : `${Math.max(1, Math.round(latencyMs))} ms`,
      },
      classes: `${link ? 'link' : 'hop'} ${way ? 'way' : ''}`,
    })),
  ];
  const ids = new Set(wanted.map(({ data }) => data.id));
  let changed = false;
  cy.batch(() => {
    cy.elements().forEach((element) => {
      if (ids.has(element.id()) || element.hasClass('pulse')) return;
      element.remove();
      changed = true;
    });
    for (const definition of wanted) {
      const known = cy.getElementById(definition.data.id ?? '');
      if (known.empty()) {
        cy.add(definition);
        changed = true;
      } else {
        known.data({ label: definition.data.label, hops: definition.data.hops });
        known.classes(definition.classes ?? '');
      }
    }
  });
  return changed;
}

/** Dots that move along a link when something went over it. */
function pulses(node: ReturnType<typeof useApp>['parley']['node'], cy: Core): () => void {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  let count = 0;
  const pulse = (event: TabEvent): void => {
    if (event.event !== 'traffic' || still.matches || count >= MAX_PULSES || cy.destroyed()) return;
    const self = cy.nodes('.self').first();
    const other = cy.getElementById(`n ${event.neighbour}`);
    if (self.empty() || other.empty()) return;
    const [from, to] = event.incoming ? [other, self] : [self, other];
    const target = { ...to.position() };
    count += 1;
    const dot = cy.add({
      group: 'nodes',
      data: { hops: 0 },
      classes: 'pulse',
      position: { ...from.position() },
      selectable: false,
      grabbable: false,
    });
    dot.animate({
      position: target,
      duration: PULSE_MS,
      easing: 'ease-in-out',
      complete: () => {
        count -= 1;
        dot.remove();
      },
    });
  };
  return node.subscribe(pulse, { traffic: true });
}

/** The colours of the theme, where the canvas can use them, for what is seen at this zoom. */
function sheet(zoom: number): StylesheetJson {
  const tokens = getComputedStyle(document.documentElement);
  const colour = (name: string): string => tokens.getPropertyValue(name).trim();
  const letter = Math.max(12, LETTER_PX / Math.max(zoom, LEGIBLE_ZOOM));
  const text = { color: colour('--text'), 'font-family': 'system-ui, sans-serif', 'font-size': letter };
  return [
    {
      selector: 'node',
      style: {
        ...text,
        label: 'data(label)',
        width: 26,
        height: 26,
        'background-color': colour('--text-quiet'),
        'text-valign': 'bottom',
        'text-margin-y': 6,
        'text-max-width': `${10 * letter}px`,
        'text-wrap': 'ellipsis',
        'border-width': 0,
      },
    },
    { selector: 'node.server', style: { shape: 'round-rectangle', width: 32, height: 32, 'background-color': colour('--accent') } },
    { selector: 'node.self', style: { width: 40, height: 40, 'background-color': colour('--spark'), 'font-weight': 'bold' } },
    {
      selector: 'node.pulse',
      style: { width: 9, height: 9, label: '', 'background-color': colour('--spark'), events: 'no', 'z-index': 10 },
    },
    {
      selector: 'edge',
      style: {
        ...text,
        'font-size': letter - 1,
        color: colour('--text-quiet'),
        width: 2,
        'line-color': colour('--line-strong'),
        'curve-style': 'straight',
      },
    },
    {
      selector: 'edge.link',
      style: {
        label: 'data(label)',
        'line-color': colour('--accent'),
        'text-background-color': colour('--ground'),
        'text-background-opacity': 1,
        'text-background-padding': '3px',
      },
    },
    { selector: 'edge.hop', style: { 'line-style': 'dashed' } },
    { selector: 'edge.way', style: { 'line-color': colour('--spark'), width: 4, 'line-style': 'solid' } },
  ];
}
