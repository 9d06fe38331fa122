import { Ansis } from 'ansis';
import type { Op } from '../model/change.js';
import { wrapped } from './wrapping.js';

/** The place that a view is printed on; handed in, so that views depend on no process. */
export interface Surroundings {
  /** Undefined where there is no terminal, though Node's own types do not say so. */
  readonly isTTY: boolean | undefined;
  readonly columns: number | undefined;
  /** `NO_COLOR`, `FORCE_COLOR` and `TERM` count. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How words are set off. Each function must get safe text. */
export interface Terminal {
  /** To wrap sentences at, in columns. */
  readonly width: number;
  /** Where a longer line would be broken, within an id too; infinite where no terminal does that. */
  readonly columns: number;
  readonly colour: boolean;
  readonly title: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly caution: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly op: Readonly<Record<Op, (text: string) => string>>;
}

const WIDTH = { least: 40, usual: 100, most: 120 } as const;

export function terminalFor(surroundings: Surroundings): Terminal {
  // The sixteen basic colours only: they follow the reader's own theme.
  const colour = hasColour(surroundings);
  const ansi = new Ansis(colour ? 1 : 0);
  // A terminal that does not know its width says 0.
  const columns = surroundings.columns === 0 ? undefined : surroundings.columns;
  return {
    colour,
    width: Math.min(WIDTH.most, Math.max(WIDTH.least, columns ?? WIDTH.usual)),
    columns: (surroundings.isTTY ? columns : undefined) ?? Infinity,
    title: (text) => ansi.bold(text),
    faint: (text) => ansi.dim(text),
    caution: (text) => ansi.yellow.bold(text),
    good: (text) => ansi.green(text),
    bad: (text) => ansi.red.bold(text),
    op: {
      delete: (text) => ansi.red.bold(text),
      deactivate: (text) => ansi.yellow(text),
      insert: (text) => ansi.green(text),
      reactivate: (text) => ansi.cyan(text),
    },
  };
}

/** No colour, usual width: for files and pipes. */
export const PLAIN_TERMINAL: Terminal = terminalFor({ isTTY: false, columns: undefined, env: {} });

/** https://no-color.org and https://force-color.org; the wish for no colour wins. */
function hasColour({ isTTY, env }: Surroundings): boolean {
  if (env['NO_COLOR']) return false;
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  return isTTY === true && env['TERM'] !== 'dumb';
}

/** What a filtered view says of itself, as a paragraph of its own. */
export function partText(words: string, terminal: Terminal): string {
  return `\n${terminal.caution(wrapped(words, terminal.width, '').trimEnd())}\n`;
}
