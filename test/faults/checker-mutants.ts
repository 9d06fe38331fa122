import type { ApplyResult, TeamOutcome } from '../../src/model/outcome.js';
import type { Ending } from './apply-ending.js';
import type { CaseResult } from './case-result.js';
import type { Dump } from './dump.js';
import type { Evidence, Violation } from './evidence.js';
import { violationsOf } from './invariants.js';
import { mongoKey, postgresKey, type Image } from './row-key.js';
import { resumeViolations } from './resume-check.js';

type Report = Extract<Ending, { kind: 'report' }>;

/** Evidence in which something is wrong, and what it should be found guilty of. */
interface Mutant {
  readonly name: string;
  readonly evidence: Evidence;
  readonly kind: Violation['kind'];
  /** In which words, where another check finds it guilty as well. */
  readonly says?: string;
}

/**
 * Proves that the checkers can fail: true evidence of a run that applied everything is altered in every way that matters,
 * and each must be caught.
 *
 * @param honest of a run that found all teams as planned and applied them, undisturbed
 */
export function checkerMutants(honest: Evidence): CaseResult[] {
  const { ending } = honest;
  if (ending.kind !== 'report') throw new Error('the checkers need the evidence of a whole run');
  const innocent = [...violationsOf(honest), ...resumeViolations(honest)];
  if (innocent.length > 0) throw new Error(`honest evidence was found guilty: ${JSON.stringify(innocent)}`);
  const mutants = [
    ...skippedWrites(honest),
    ...doubledWrites(honest),
    ...alteredBystanders(honest),
    ...lies(honest, ending),
    ...halfWritten(honest),
    ...untoldHalves(honest, ending),
  ];
  return mutants.map(({ name, evidence, kind, says = '' }) => {
    const found = [...violationsOf(evidence), ...resumeViolations(evidence)];
    const caught = found.some((violation) => violation.kind === kind && violation.text.includes(says));
    const text = `it was not caught as ${kind}: ${JSON.stringify(found)}`;
    return { name: `mutant: ${name}`, violations: caught ? [] : [{ kind: 'report', text }] };
  });
}

/** One planned row is as it was before. */
function skippedWrites(honest: Evidence): Mutant[] {
  return honest.effects.map((effect) => ({
    name: `${effect.op} of ${effect.key} is skipped`,
    evidence: withRow(honest, effect.key, honest.start.rows.get(effect.key)),
    kind: 'report',
  }));
}

/** An insert was made once more under another id; or a change was committed twice, which its row does not show. */
function doubledWrites(honest: Evidence): Mutant[] {
  const inserts = honest.effects.filter(({ op }) => op === 'insert');
  const twins = inserts.map(({ key, store }): Mutant => {
    const row = honest.end.rows.get(key) ?? {};
    const twin: Image =
      store === 'mongo'
        ? { ...row, _id: { $oid: 'ffffffffffffffffffffffff' } }
        : { ...row, id: '999999', mongo_id: null };
    const twinKey = store === 'mongo' ? mongoKey('user_roles', twin['_id']) : postgresKey(twin);
    return { name: `a second ${key}`, evidence: withRow(honest, twinKey, twin), kind: 'doubled' };
  });
  const twice = [...honest.end.effects.keys()].map((committed): Mutant => {
    const effects = new Map(honest.end.effects).set(committed, 2);
    return {
      name: `${committed} is committed twice`,
      evidence: { ...honest, end: { ...honest.end, effects } },
      kind: 'doubled',
    };
  });
  const effects = new Map(honest.end.effects).set('update 999999', 1);
  const stray = { ...honest, end: { ...honest.end, effects } };
  return [...twins, ...twice, { name: 'a change of no plan is committed', evidence: stray, kind: 'outside' }];
}

/** One row outside the plan has another value, another type, is gone, or is new. */
function alteredBystanders(honest: Evidence): Mutant[] {
  const planned = new Set(honest.effects.map(({ key }) => key));
  const bystanders = [...honest.baseline.rows].filter(([key]) => !planned.has(key));
  const altered = bystanders.flatMap(([key, row]): Mutant[] => [
    { name: `${key} is gone`, evidence: withRow(honest, key, undefined), kind: 'lost' },
    ...Object.keys(row).map((field): Mutant => ({
      name: `${field} of ${key} is altered`,
      evidence: withRow(honest, key, { ...row, [field]: alteredValue(row[field]) }),
      kind: 'outside',
    })),
  ]);
  const stranger: Image = { _id: { $oid: 'eeeeeeeeeeeeeeeeeeeeeeee' }, user_id: 'somebody', is_active: true };
  const added = withRow(honest, mongoKey('user_roles', stranger['_id']), stranger);
  return [...altered, { name: 'a row of somebody else is new', evidence: added, kind: 'outside' }];
}

/** Where it is a number, another type of number with the same value. */
function alteredValue(value: Image[string] | undefined): Image[string] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && '$numberLong' in value) {
    return { $numberDouble: value['$numberLong'] ?? null };
  }
  return typeof value === 'string' ? `${value} ` : value === null ? '' : null;
}

/** The databases are right, and the run says something else; or the other way round. */
function lies(honest: Evidence, report: Report): Mutant[] {
  const [team = ''] = honest.teams;
  const outcomes: readonly TeamOutcome[] = [
    { kind: 'finished' },
    { kind: 'already-done' },
    { kind: 'changed-since', drifts: [] },
    { kind: 'overtaken', drifts: [] },
    { kind: 'drifted', seen: 'in-transaction', halfApplied: false, drifts: [] },
    { kind: 'failed', problem: '' },
    { kind: 'half-done', problem: '' },
    { kind: 'not-begun', reason: 'limit' },
  ];
  const results: readonly ApplyResult[] = ['drift', 'partly-applied', 'interrupted'];
  const said = (name: string, change: Partial<Report>): Mutant => ({
    name,
    evidence: { ...honest, ending: { ...report, ...change } },
    kind: 'report',
  });
  const rest = report.outcomes.filter(([id]) => id !== team);
  const unknown: Report = {
    ...report,
    outcomes: [[team, { kind: 'unknown', problem: '' }], ...rest],
    result: 'partly-applied',
  };
  const untouched: Dump = honest.start;
  return [
    ...outcomes.map((outcome) =>
      said(`an applied team is called ${outcome.kind}`, { outcomes: [[team, outcome], ...rest] }),
    ),
    ...results.map((result) => said(`a complete run is called ${result}`, { result })),
    ...honest.effects
      .filter((effect) => effect.team === team)
      .map(({ key, before, after }): Mutant => ({
        name: `a team is called unknown, and ${key} is what no commit makes of it`,
        evidence: {
          ...withRow(honest, key, { ...(after ?? before), created_by: 'nobody' }),
          ending: unknown,
        },
        kind: 'report',
        says: 'is reported as unknown, but',
      })),
    said('a team is left out', { outcomes: rest }),
    said('a team is invented', { outcomes: [...report.outcomes, ['invented', { kind: 'applied' }]] }),
    {
      name: 'nothing was written, and all is called applied',
      evidence: { ...honest, end: untouched },
      kind: 'report',
    },
    {
      name: 'it said that it failed, and wrote',
      evidence: {
        ...honest,
        ending: { kind: 'failure', failure: 'operational', message: 'no', points: [] },
      },
      kind: 'report',
    },
    {
      name: 'it threw something unforeseen',
      evidence: {
        ...honest,
        end: untouched,
        ending: { kind: 'failure', failure: 'bug', message: 'no', points: [] },
      },
      kind: 'report',
    },
    { name: 'it never ended', evidence: { ...honest, ending: { kind: 'hung' } }, kind: 'hung' },
  ];
}

/** A run was killed, and what it left is not to be left even then. */
function halfWritten(honest: Evidence): Mutant[] {
  const killed: Evidence = { ...honest, ending: { kind: 'killed', point: null } };
  return (['mongo', 'postgres'] as const).flatMap((store): Mutant[] => {
    const ofStore = honest.effects.filter((effect) => effect.store === store);
    const partly = ofStore.map(({ key }): Mutant => ({
      name: `only ${key} was not written before the death`,
      evidence: withRow(killed, key, honest.start.rows.get(key)),
      kind: 'half-written',
    }));
    if (store === 'postgres') return partly;
    const without = ofStore.reduce((one, { key }) => withRow(one, key, honest.start.rows.get(key)), killed);
    return [...partly, { name: 'Postgres is ahead of MongoDB', evidence: without, kind: 'half-written' }];
  });
}

/** The team was half done when the run began, and the run says nothing of it. */
function untoldHalves(honest: Evidence, report: Report): Mutant[] {
  const mongo = honest.effects.filter(({ store }) => store === 'mongo');
  const rows = new Map(honest.start.rows);
  for (const { key } of mongo) replace(rows, key, honest.end.rows.get(key));
  const start = { ...honest.start, rows };
  return [
    { name: 'a half-done team goes unnamed', evidence: { ...honest, start, ending: report }, kind: 'report' },
  ];
}

function withRow(evidence: Evidence, key: string, row: Image | undefined): Evidence {
  const rows = new Map(evidence.end.rows);
  replace(rows, key, row);
  return { ...evidence, end: { ...evidence.end, rows } };
}

function replace(rows: Map<string, Image>, key: string, row: Image | undefined): void {
  if (row === undefined) rows.delete(key);
  else rows.set(key, row);
}
