import { diffString } from 'json-diff';
import type { Drift, DriftSide } from '../model/drift.js';
import { STORE_NAMES } from './rule-words.js';
import { visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

/** How many drifted facts of one team are spelled out; the rest is counted. */
const SHOWN = 20;

/** What no longer fits, planned against found: `-` is what the plan holds, `+` what the databases hold now. */
export function driftText(drifts: readonly Drift[], terminal: Terminal): string {
  const lines = drifts.slice(0, SHOWN).map((drift) => oneDrift(drift, terminal));
  if (drifts.length > SHOWN) lines.push(`    … and ${drifts.length - SHOWN} more\n`);
  return lines.join('');
}

function oneDrift({ user, about, planned, found }: Drift, terminal: Terminal): string {
  const what =
    about === 'team'
      ? 'the team itself'
      : about === 'membership'
        ? 'membership'
        : `role row in ${STORE_NAMES[about]}`;
  const whose = user === null ? '' : ` of user ${visibleText(user)}`;
  const difference = diffString(legible(planned), legible(found), { color: terminal.colour, full: true });
  return `    ${what}${whose}, planned (-) against found (+):\n${indented(difference)}`;
}

function legible(side: DriftSide | null): Readonly<Record<string, unknown>> {
  if (side === null) return {};
  return Object.fromEntries(
    Object.entries(side).map(([key, value]) => [key, typeof value === 'string' ? visibleText(value) : value]),
  );
}

function indented(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `      ${line}\n`)
    .join('');
}
