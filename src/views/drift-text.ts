import { diffString } from 'json-diff';
import type { Drift, DriftSide } from '../model/outcome.js';
import { STORE_NAMES } from './plan/rule-words.js';
import { nameAtEnd, visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

/** How many drifted facts of one team are spelled out; the rest is counted. */
const SHOWN = 20;

const ABOUT_WORDS: Readonly<Record<Drift['about'], string>> = {
  team: 'the team itself',
  membership: 'membership',
  mongo: `role row in ${STORE_NAMES.mongo}`,
  postgres: `role row in ${STORE_NAMES.postgres}`,
};

/** The line above the details of a team: what is wrong with it. */
export function needsAttention(
  what: string,
  halfApplied: boolean,
  { team, name }: { readonly team: string; readonly name: string | null },
  terminal: Terminal,
): string {
  const half = halfApplied ? ', part of its changes in effect already' : '';
  return `${terminal.caution(what + half)}: team ${visibleText(team)}${nameAtEnd(name)}\n`;
}

/** What no longer fits: `-` is what the plan holds, `+` what the databases hold now. */
export function driftText(drifts: readonly Drift[], terminal: Terminal): string {
  const lines = drifts.slice(0, SHOWN).map((drift) => oneDrift(drift, terminal));
  if (drifts.length > SHOWN) lines.push(`    … and ${drifts.length - SHOWN} more\n`);
  return lines.join('');
}

function oneDrift({ user, name, about, planned, found }: Drift, terminal: Terminal): string {
  const whose = user === null ? '' : ` of user ${visibleText(user)}`;
  const gone = planned !== null && found === null ? 'which is gone; ' : '';
  const difference = diffString(legible(planned), legible(found), { color: terminal.colour, full: true });
  return `    ${ABOUT_WORDS[about]}${whose}, ${gone}planned (-) against found (+):${nameAtEnd(name)}\n${difference.trimEnd().replaceAll(/^/gm, '      ')}\n`;
}

function legible(side: DriftSide | null): Readonly<Record<string, unknown>> {
  if (side === null) return {};
  return Object.fromEntries(
    Object.entries(side).map(([key, value]) => [key, typeof value === 'string' ? visibleText(value) : value]),
  );
}
