import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { part } from './part.tsx';

const Hello = ({ name }: { name: string }) => <b>Hello {name}</b>;

it('draws what stands in its place until it is loaded, and itself at once from then on', async () => {
  let asked = 0;
  const Part = part(
    async () => {
      asked++;
      return { default: Hello };
    },
    <i>soon</i>,
  );
  expect(renderToStaticMarkup(<Part name="Ann" />)).toBe('<i>soon</i>');
  expect(asked).toBe(0);
  await Part.load();
  expect(renderToStaticMarkup(<Part name="Ann" />)).toBe('<b>Hello Ann</b>');
});

it('that cannot be loaded is asked for anew', async () => {
  let asked = 0;
  const Part = part(async () => {
    if (asked++ === 0) throw new Error('no network');
    return { default: Hello };
  });
  await expect(Part.load()).rejects.toThrow('no network');
  expect(renderToStaticMarkup(<Part name="Ben" />)).toBe('');
  await Part.load();
  expect(renderToStaticMarkup(<Part name="Ben" />)).toBe('<b>Hello Ben</b>');
});
