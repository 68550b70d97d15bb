import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../../scripts/lib/root.mjs';
import { FIRST_LOAD_LIMIT, firstLoad } from '../../scripts/lib/web-size.mjs';

/** As users get it. */
const dist = join(ROOT, 'packages/web/dist');

describe('the built web app', () => {
  it('loads little at the first visit', () => {
    const files = firstLoad(dist);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(files.map(({ file }) => file)).toContainEqual(expect.stringMatching(/^assets\/index-.*\.js$/));
    expect(files.map(({ file }) => file)).toContainEqual(expect.stringMatching(/\.css$/));
    expect(total, JSON.stringify(files)).toBeLessThan(FIRST_LOAD_LIMIT);
    expect(total).toBeGreaterThan(50_000);
  });

  it('has everything that its policy asks for in files: no script, style or handler in the page', () => {
    const page = readFileSync(join(dist, 'index.html'), 'utf8');
    expect(page).not.toMatch(/<style|<script(?![^>]* src=)[^>]*>|\son\w+=|\sstyle=/i);
  });

  it('has a service worker that keeps every file, each of which is there', () => {
    const worker = readFileSync(join(dist, 'sw.js'), 'utf8');
    const list: string[] = JSON.parse(/const FILES = (\[.*?\]);/.exec(worker)?.[1] ?? '[]');
    expect(list.length).toBeGreaterThan(8);
    expect(list.filter((file) => file !== '/' && !existsSync(join(dist, file)))).toEqual([]);
    for (const { file } of firstLoad(dist)) expect(list).toContain(file === 'index.html' ? '/' : `/${file}`);
    expect(worker).toMatch(/`parley-\$\{"[0-9a-f]{12}"\}`/);
  });

  it('has the icons that its manifest names', () => {
    const { icons }: { icons: { src: string }[] } = JSON.parse(readFileSync(join(dist, 'manifest.webmanifest'), 'utf8'));
    expect(icons.filter(({ src }) => !existsSync(join(dist, src)))).toEqual([]);
  });

  it('has nothing in it of the node that is made up for looking at the app', () => {
    const made = firstLoad(dist).filter(({ file }) => readFileSync(join(dist, file), 'utf8').includes('Bringing cake as well'));
    expect(made).toEqual([]);
  });
});
