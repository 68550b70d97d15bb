import type { TabNode } from '@parley/browser';
import type { RotationView } from '@parley/core';

let rotation: RotationView | undefined;

/** A made-up new key: those who are picked are told at once, but for the last of several. */
export const rotationCalls: Pick<TabNode, 'rotation' | 'beginRotation' | 'finishRotation' | 'cancelRotation'> = {
  rotation: async () => rotation,
  beginRotation: async (contacts) => {
    const keys = typeof contacts === 'string' ? [] : contacts;
    rotation = {
      from: 'key_4MdbYa1Fg8nS7k9vTq2WxRz5cLhJpE3uBtNiYoGdKfQs',
      to: 'key_9TqhFy4Lk2sP6n8cVw3XmRb7dGjZtE5uNaHiQoKfYr1M',
      since: '2026-01-02T03:04:05.678Z',
      phase: 'telling',
      contacts: keys.map((key, i) => ({ key, display: key.slice(0, 14), told: keys.length === 1 || i < keys.length - 1 })),
    };
    return rotation;
  },
  finishRotation: async () => {
    rotation = rotation && { ...rotation, phase: 'following' };
  },
  cancelRotation: async () => {
    rotation = undefined;
  },
};
