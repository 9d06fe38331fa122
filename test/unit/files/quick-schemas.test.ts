import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { z } from 'zod';
import { demandCanonical, parse, parseCanonical } from '../../../src/files/plan/canonical.js';
import { QUICK_SCHEMAS } from '../../../src/files/plan/quick-schemas.js';
import { decisionSchema, undoDecisionSchema } from '../../../src/files/plan/decision-schema.js';
import { blockSchema, findingSchema, planTeamSchema } from '../../../src/files/plan/schema.js';
import { FORMAT_VERSION } from '../../../src/model/format-version.js';
import { planOf, SAMPLE_FINDINGS, SAMPLE_TEAMS } from './sample-plan.js';
import { sampleRevert } from './sample-revert.js';

const QUICK = QUICK_SCHEMAS[FORMAT_VERSION];
const SCHEMAS: readonly (readonly [name: string, quick: z.ZodType, slow: z.ZodType])[] = [
  ['finding', QUICK.finding(), findingSchema],
  ['block', QUICK.block(), blockSchema],
  ['team', QUICK.team(), planTeamSchema],
  ['decision', QUICK.fix(), decisionSchema],
  ['undoing decision', QUICK.revert(), undoDecisionSchema],
];

/** Every item of the sample plans: a line, or the object in the line that opens a team. */
const ITEMS = [await planOf(SAMPLE_TEAMS, SAMPLE_FINDINGS), await sampleRevert()]
  .flatMap((plan) => plan.toString('utf8').split('\n'))
  .map((line) => /^\{"team":(\{.*\}),"decisions":\[$/.exec(line)?.[1] ?? line.replace(/,$/, ''))
  .filter((line) => /^\{".*\}$/.test(line));

const HAZARDS: readonly unknown[] = [
  '\ud800',
  '\u202e',
  '\u0000',
  'x'.repeat(300),
  1.5,
  1e999,
  -1,
  null,
  [],
  {},
  JSON.parse('{"__proto__":"x"}'),
  ...[195, 196, 197, 250].map((depth): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth))),
];

/** The item with one value in it, at any depth, replaced, taken away, doubled under another name, or moved to the end. */
const spoiled = fc
  .record({
    item: fc.constantFrom(...ITEMS),
    place: fc.nat(),
    how: fc.constantFrom('keep', 'replace', 'remove', 'add', 'move'),
    value: fc.oneof(
      fc.constantFrom(...HAZARDS),
      fc.constantFrom('insert', 'mongo', 'undo', 'a'),
      fc.jsonValue(),
    ),
    key: fc.oneof(fc.constantFrom('__proto__', 'after', 'before', 'undo', 'constructor', '0'), fc.string()),
  })
  .map(({ item, place, how, value, key }) => {
    const root: unknown = JSON.parse(item);
    const holders = objectsIn(root);
    const holder = holders[place % holders.length] ?? {};
    const keys = Object.keys(holder);
    const chosen = keys[Math.floor(place / holders.length) % keys.length] ?? key;
    const old: unknown = Reflect.get(holder, chosen);
    if (how === 'remove' || how === 'move') Reflect.deleteProperty(holder, chosen);
    if (how === 'replace' || how === 'move') define(holder, chosen, how === 'move' ? old : value);
    if (how === 'add') define(holder, key, value);
    return root;
  });

function define(holder: object, key: string, value: unknown): void {
  if (Array.isArray(holder)) holder.push(value);
  // An assignment of __proto__ would make no field.
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}

function outcomeOf(act: () => unknown): string {
  try {
    return `accepts ${JSON.stringify(act())}`;
  } catch (error) {
    return `refuses: ${String(error)}`;
  }
}

test.each(SCHEMAS)(
  'reading a %s quickly accepts and refuses what careful reading does',
  (_name, quick, slow) => {
    const text = fc
      .tuple(spoiled, fc.constantFrom('as it is', 'space', 'escape', 'twice', 'upper case'))
      .map(([value, how]) => {
        const json = JSON.stringify(value);
        if (how === 'space') return json.replace(':', ': ');
        if (how === 'escape') return json.replace('e', '\\u0065');
        if (how === 'twice') return json.replace(/^\{/, '{"user":"x",');
        return how === 'upper case' ? json.replace('\\ud', '\\uD') : json;
      });
    fc.assert(
      fc.property(text, (json) => {
        const carefully = (): unknown => {
          const value = parse(json, slow);
          demandCanonical(json, JSON.stringify(value));
          return value;
        };
        expect(outcomeOf(() => parseCanonical(json, quick))).toBe(outcomeOf(carefully));
      }),
      { numRuns: 3000, seed: 20_261_125 },
    );
  },
);
