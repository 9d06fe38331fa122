import { expect, test } from 'vitest';
import type { Change } from '../../../src/model/decision.js';
import { Failure } from '../../../src/model/failure.js';
import { all, readBytes, withDigest } from './reading.js';
import { planOf, SAMPLE_FINDINGS, SAMPLE_TEAMS } from './sample-plan.js';

const MUTANTS = 10_000;
const SEED = 20_261_122;

type Random = (below: number) => number;

/** Mulberry32: the same mutants in every run. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}

/** One of the places in the text that fit, replaced; the text itself where none fits. */
function editOne(text: string, places: RegExp, random: Random, edit: (found: string) => string): string {
  const found = [...text.matchAll(places)];
  const chosen = found[random(found.length)];
  if (chosen === undefined) return text;
  return text.slice(0, chosen.index) + edit(chosen[0]) + text.slice(chosen.index + chosen[0].length);
}

function editLines(text: string, edit: (lines: string[]) => void): string {
  const lines = text.split('\n');
  edit(lines);
  return lines.join('\n');
}

const MUTATIONS: readonly ((good: string, random: Random) => string | Buffer)[] = [
  (good, random) => {
    const bytes = Buffer.from(good);
    const at = random(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    return bytes;
  },
  (good, random) => {
    const bytes = Buffer.from(good);
    const at = random(bytes.length);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)]);
  },
  (good, random) => {
    const at = random(good.length);
    return good.slice(0, at) + String.fromCharCode(random(128)) + good.slice(at);
  },
  (good, random) =>
    editLines(good, (lines) => {
      const [one, other] = [random(lines.length), random(lines.length)];
      [lines[one], lines[other]] = [String(lines[other]), String(lines[one])];
    }),
  (good, random) => editLines(good, (lines) => lines.splice(random(lines.length), 1)),
  (good, random) =>
    editLines(good, (lines) => {
      const at = random(lines.length);
      lines.splice(at, 0, String(lines[at]));
    }),
  (good, random) =>
    editOne(good, /(?<=[:[,])\d+(?=[,}\]])/g, random, (found) => String(Number(found) + 1 - random(3))),
  (good, random) => editOne(good, /true|false/g, random, (found) => (found === 'true' ? 'false' : 'true')),
  (good, random) => editOne(good, /null/g, random, () => ['0', '""', 'false', '[]', '{}'][random(5)] ?? ''),
  (good, random) => editOne(good, /(?<="[0-9a-f]{23})[0-9a-f](?=")/g, random, () => random(16).toString(16)),
  // A text in the place of another, which is how roles, users, teams, rules and fields are confused.
  (good, random) => {
    const texts = [...good.matchAll(/"[^"\\]*"/g)].map(([text]) => text);
    return editOne(good, /"[^"\\]*"/g, random, () => String(texts[random(texts.length)]));
  },
];

/** All that apply would do: which rows of whom, and what is written. */
async function effect(bytes: Uint8Array): Promise<string> {
  const plan = await readBytes(bytes);
  try {
    const teams = (await all(plan.teams())).map(({ team, decisions }) => [
      team.id,
      decisions.map(({ user, changes }) => [user, changes.map(effectOfChange)]),
    ]);
    return JSON.stringify(teams);
  } finally {
    await plan.close();
  }
}

const IDENTITY = ['_id', 'id', 'mongo_id', 'user_id', 'team_id', 'role_name', 'scope'];

function effectOfChange(change: Change<string>): unknown[] {
  const { op, store, role, rule } = change;
  if (change.op === 'insert') return [op, store, role, rule, change.after];
  const row = Object.entries<unknown>(change.before);
  // A document without the field is as inactive as one that says false.
  const active = row.some(([field, value]) => field === 'is_active' && (value === true || value === 't'));
  return [op, store, role, rule, row.filter(([field]) => IDENTITY.includes(field)), active];
}

/**
 * With a corrected digest some mutants are plans in their own right: another display name, another unmapped field in the
 * row as it was, a policy or fact on which nothing here depends. Such a one may be accepted, for it does exactly what the
 * good plan does; a plan that does anything else must be refused.
 */
test(`of ${MUTANTS} mutants none does what the rules do not derive`, { timeout: 600_000 }, async () => {
  const good = await planOf(SAMPLE_TEAMS.slice(1), SAMPLE_FINDINGS);
  const text = good.toString('utf8');
  const goodEffect = await effect(good);
  const random = randomFrom(SEED);
  const wrong: string[] = [];
  const count = { identical: 0, refused: 0, harmless: 0 };
  for (let number = 0; number < MUTANTS; number += 1) {
    const kind = number % MUTATIONS.length;
    const mutant = Buffer.from(MUTATIONS[kind]?.(text, random) ?? text);
    const corrected = Math.floor(number / MUTATIONS.length) % 2 === 1;
    const bytes = corrected ? withDigest(mutant) : mutant;
    try {
      const accepted = await effect(bytes);
      if (bytes.equals(good)) count.identical += 1;
      else if (corrected && accepted === goodEffect) count.harmless += 1;
      else wrong.push(`mutant ${number} of kind ${kind} was accepted`);
    } catch (error) {
      if (error instanceof Failure && error.kind === 'refused') count.refused += 1;
      else wrong.push(`mutant ${number} of kind ${kind}: ${String(error)}`);
    }
  }
  process.stdout.write(
    `mutants: ${count.refused} refused, ${count.harmless} doing the same, ${count.identical} identical, of ${MUTANTS}\n`,
  );
  expect(wrong).toEqual([]);
  expect(count.refused).toBeGreaterThan(MUTANTS * 0.9);
});
