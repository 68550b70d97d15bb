import type { Page } from 'playwright';

/** A dot that has run its course: at whose place it began and ended, and how many places it was at. */
export interface Mark {
  readonly from: string;
  readonly to: string;
  readonly places: number;
}

interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

/** Cytoscape keeps itself at the element that it draws into. */
const MAP = "document.querySelector('.map')._cyreg.cy";
const LABEL = "(node) => node.data('label').split('#')[0]";

/** What is on the canvas of the network view, which nobody but its painter can read. */
export class NetworkMap {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** The map that is shown, once something is drawn. Its dots are noted down from now on. */
  static async of(page: Page): Promise<NetworkMap> {
    await page.waitForFunction("document.querySelector('.map')?._cyreg?.cy.edges().length > 0");
    await page.evaluate(`(() => {
      const cy = ${MAP};
      const nearest = (place) => {
        const far = (node) => Math.hypot(node.position().x - place.x, node.position().y - place.y);
        return (${LABEL})(cy.nodes('[node]').toArray().sort((a, b) => far(a) - far(b))[0]);
      };
      const courses = new Map();
      window.marks = [];
      cy.on('add', 'node.pulse', ({ target }) => courses.set(target.id(), [{ ...target.position() }]));
      cy.on('position', 'node.pulse', ({ target }) => courses.get(target.id())?.push({ ...target.position() }));
      cy.on('remove', 'node.pulse', ({ target }) => {
        const course = courses.get(target.id());
        if (course) window.marks.push({ from: nearest(course[0]), to: nearest(course.at(-1)), places: new Set(course.map(({ x }) => x)).size });
      });
    })()`);
    return new NetworkMap(page);
  }

  /** Links of this node, as they are drawn. */
  links(): Promise<Line[]> {
    return this.#page.evaluate(
      `${MAP}.edges('.link').map((edge) => ({ from: (${LABEL})(edge.source()), to: (${LABEL})(edge.target()), label: edge.data('label') }))`,
    );
  }

  /** The dots since then. */
  marks(): Promise<Mark[]> {
    return this.#page.evaluate('window.marks');
  }

  /** The nodes along the lines that stand out as the way of a message, from its beginning. */
  way(): Promise<string[]> {
    return this.#page.evaluate(`(() => {
      const rest = new Set(${MAP}.edges('.way').toArray());
      let at = ${MAP}.nodes('.self');
      const names = [(${LABEL})(at)];
      for (let step = rest.size; step > 0; step--) {
        const edge = [...rest].find((one) => one.source().same(at) || one.target().same(at));
        if (!edge) break;
        rest.delete(edge);
        at = edge.source().same(at) ? edge.target() : edge.source();
        names.unshift((${LABEL})(at));
      }
      return names;
    })()`);
  }
}
